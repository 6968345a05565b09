import Learning

/// What the events of a stream are made of, as far as a fault has to know it: read off its first events.
struct StreamShape: Sendable {
    private static let events = 2_000
    /// A field counts if so many of the events have it.
    private static let presence = 0.99

    private(set) var task = PredictionTask.binary
    /// Fields of numbers that vary and are not 0 most of the time, by name.
    private(set) var numbers: [String] = []
    private(set) var ranges: [String: ClosedRange<Double>] = [:]
    /// Fields of strings, by name.
    private(set) var categories: [String] = []

    /// From one event to the next, in milliseconds of their own time.
    private(set) var meanStep: Int64 = 0

    var fields: [String] { numbers + categories }

    private struct Field {
        var strings = 0
        var numbers = 0
        var zeros = 0
        var range: ClosedRange<Double>?

        mutating func note(_ value: [UInt8]) {
            if JSONValue.isString(value) { strings += 1 }
            guard let number = JSONValue.number(value) else { return }
            numbers += 1
            if number == 0 { zeros += 1 }
            range = range.map { min($0.lowerBound, number)...max($0.upperBound, number) } ?? number...number
        }

        var varies: Bool { range.map { $0.lowerBound < $0.upperBound } ?? false }
    }

    init(of lines: EventLines) {
        let count = min(lines.count, Self.events)
        var met: [[UInt8]: Field] = [:]
        for index in 0..<count {
            guard let event = EventText(lines[index]) else { continue }
            if let label = event.parts["label"], !Self.binaryLabels.contains(label) { task = .regression }
            for member in event.fields.members { met[member.name, default: Field()].note(member.value) }
        }
        meanStep = Self.meanStep(of: lines, count)
        let least = Int(Double(count) * Self.presence)
        for (bytes, field) in met {
            let name = String(decoding: bytes, as: UTF8.self)
            if field.strings >= least { categories.append(name) }
            guard field.numbers >= least, field.zeros * 2 < field.numbers, field.varies else { continue }
            numbers.append(name)
            ranges[name] = field.range
        }
        numbers.sort()
        categories.sort()
    }

    private static func meanStep(of lines: EventLines, _ count: Int) -> Int64 {
        func time(of index: Int) -> Double? { JSONMembers(lines[index])?["ts"].flatMap(JSONValue.number) }
        guard count > 1, let first = time(of: 0), let last = time(of: count - 1) else { return 0 }
        return Int64(abs(last - first) / Double(count - 1))
    }

    private static let binaryLabels = Set(["0", "1", "true", "false"].map { Array($0.utf8) })
}
