import ArgumentParser
import Training

/// The events that `resume --skip` sets aside, where it is not all that is in doubt.
struct RangeOptions: ParsableArguments {
    @Option(
        name: .customLong("from"),
        help: "The first offset set aside, as in 0@31740: offset 31740 of partition 0; where there are several topics, purchases/0@31740.")
    var starts: [String] = []
    @Option(name: .customLong("to"), help: "The first offset past it that is learnt; one for each --from.") var ends: [String] = []

    var isEmpty: Bool { starts.isEmpty && ends.isEmpty }

    /// - Parameter topics: of the input.
    /// - Returns: nil where none was given.
    func ranges(topics: [String]) throws -> [InputRange]? {
        isEmpty ? nil : try Self.ranges(from: starts, to: ends, topics: topics)
    }

    static func ranges(from starts: [String], to ends: [String], topics: [String]) throws -> [InputRange] {
        guard starts.count == ends.count else { throw UsageError("every --from needs a --to, and every --to a --from") }
        return try zip(starts, ends).map { start, end in
            let (from, to) = (try Place(start, topics: topics), try Place(end, topics: topics))
            guard from.topic == to.topic, from.partition == to.partition else {
                throw UsageError("--from \(start) and --to \(end) are not of one partition")
            }
            guard from.offset < to.offset else { throw UsageError("--from \(start) is not below --to \(end)") }
            return InputRange(topic: from.topic, partition: from.partition, from: from.offset, to: to.offset)
        }
    }
}

/// One offset of one partition, as a person writes it: `0@31740`, or `purchases/0@31740`.
private struct Place {
    var topic: String
    var partition: Int32
    var offset: Int64

    init(_ text: String, topics: [String]) throws {
        let match = text.wholeMatch(of: /(?:([^\/@]+)\/)?(\d+)@(\d+)/)
        guard let match, let partition = Int32(match.2), let offset = Int64(match.3) else {
            throw UsageError("'\(text)' is no place in the input; write partition@offset, as in 0@31740, or topic/partition@offset")
        }
        guard let topic = match.1.map(String.init) ?? (topics.count == 1 ? topics[0] : nil) else {
            throw UsageError("'\(text)' does not say of which topic; write topic/partition@offset, as in purchases/\(text)")
        }
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}
