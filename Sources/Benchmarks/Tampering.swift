import Learning

/// A fault at work: what becomes of each event of a range, as a function of the event, a seed and the events before it.
struct Tampering {
    /// Events that a consumer which lost its place reads again and again.
    private static let replayed = 2_000
    /// Of the stream's own sources: an event's is a hash of its number.
    private static let sources: UInt64 = 10

    let kind: FaultKind
    let lines: EventLines
    let shape: StreamShape
    /// The number of the first event of the range.
    let start: Int
    private let share: Double
    /// The fields that are broken, where it is not all of them.
    let targets: [String]
    /// The first event of the range, as it was.
    let first: EventText
    var random: SplitMix64

    /// nil where the stream has nothing that could break in this way.
    init?(_ kind: FaultKind, share: Double, of lines: EventLines, shape: StreamShape, from start: Int, random: SplitMix64) {
        guard let first = EventText(lines[start]) else { return nil }
        var random = random
        guard let targets = kind.targets(in: shape, &random) else { return nil }
        (self.kind, self.lines, self.shape, self.start, self.share) = (kind, lines, shape, start, share)
        (self.targets, self.first, self.random) = (targets, first, random)
    }

    /// The records that take the place of an event.
    mutating func records(for index: Int) -> [TopicRecord] {
        guard isHit(index) else { return [.original(index)] }
        switch kind {
        case .notJSON, .sourceNotJSON: return [.changed(Array("<html><body>502 Bad Gateway</body></html>".utf8))]
        case .truncated: return [.changed(Array(lines[index].prefix(1 + random.below(lines[index].count - 1))))]
        case .nullValue: return [.changed(nil)]
        case .duplicates: return [.original(index), .repeated(index)]
        case .replay:
            let length = min(Self.replayed, start)
            return length == 0 ? [.original(index)] : [.repeated(start - length + (index - start) % length)]
        default: return [changed(index)]
        }
    }

    private mutating func isHit(_ index: Int) -> Bool {
        if kind.isOfOneSource { return SplitMix64.mixed(UInt64(index)).isMultiple(of: Self.sources) }
        return random.happens(share)
    }

    /// An event that the fault leaves as it was is none that it has touched.
    private mutating func changed(_ index: Int) -> TopicRecord {
        guard let event = EventText(lines[index]) else { return .original(index) }
        var broken = event
        breakLabel(of: &broken, index)
        breakFields(of: &broken, index)
        breakValues(of: &broken)
        breakTime(of: &broken)
        return broken == event ? .original(index) : .changed(broken.text)
    }
}

extension FaultKind {
    /// The fields to break; nil where the stream has none that would do.
    fileprivate func targets(in shape: StreamShape, _ random: inout SplitMix64) -> [String]? {
        switch self {
        case .times1000, .timesThousandth, .signFlipped, .minusOne, .code9999, .noise, .sourceTimes1000:
            Self.one(of: shape.numbers, &random)
        case .allTimes1000, .allTimesThousandth: shape.numbers.isEmpty ? nil : shape.numbers
        case .unseenCategories, .cardinality: Self.one(of: shape.categories, &random)
        case .allUnseenCategories: shape.categories.isEmpty ? nil : shape.categories
        case .fieldGone, .fieldRenamed, .stuckField, .sourceFieldGone: Self.one(of: shape.fields, &random)
        case .fieldRetyped: Self.one(of: shape.numbers.isEmpty ? shape.categories : shape.numbers, &random)
        case .columnsSwapped:
            Self.two(of: shape.numbers.count >= 2 ? shape.numbers : shape.categories, &random)
        case .columnsRotated: shape.fields.count >= 2 ? shape.fields : nil
        case .labelsOne: shape.task == .binary ? [] : nil
        default: []
        }
    }

    private static func one(of names: [String], _ random: inout SplitMix64) -> [String]? {
        names.isEmpty ? nil : [names[random.below(names.count)]]
    }

    private static func two(of names: [String], _ random: inout SplitMix64) -> [String]? {
        names.count < 2 ? nil : Array(names.shuffled(using: &random).prefix(2))
    }
}
