/// How often each value of a field occurred: each of the first values met, and all others together.
///
/// A value is a key of 32 bits: a category's slot, or a number rounded to a quarter of an octave (`ValueKey`). Three counts are kept of
/// each: over the past that is the reference, since the reference was last made, and in the window that is running.
struct ValueCounts: Equatable, Sendable {
    struct Count: Equatable, Sendable {
        var key: UInt32
        var reference: UInt32 = 0
        var current: UInt32 = 0
        var window: UInt32 = 0

        fileprivate mutating func renew() {
            reference = (reference + 1) / 2 + current
            current = 0
        }
    }

    /// Values that are counted one by one.
    static let capacity = 96
    private static let buckets = 256
    private static let bucketBits = 8

    private(set) var counts: [Count] = []
    /// The values that found no place.
    private(set) var others = Count(key: 0)
    private(set) var referenceTotal = 0
    private(set) var windowTotal = 0
    /// Bucket → position in `counts` and 1, by linear probing; made of the counts.
    private var index = [UInt8](repeating: 0, count: ValueCounts.buckets)

    init() {}

    /// Where the key is counted, now that it was met; nil if it is one of the others.
    mutating func position(of key: UInt32) -> Int? {
        let (position, bucket) = find(key)
        if position != nil || counts.count >= Self.capacity { return position }
        counts.append(Count(key: key))
        index[bucket] = UInt8(counts.count)
        return counts.count - 1
    }

    /// Where the key is counted; nil if it was never met, or is one of the others.
    func knownPosition(of key: UInt32) -> Int? { find(key).position }

    private func find(_ key: UInt32) -> (position: Int?, bucket: Int) {
        var bucket = Int((key &* 0x9E37_79B1) >> UInt32(32 - Self.bucketBits))
        while index[bucket] != 0 {
            let position = Int(index[bucket]) - 1
            if counts[position].key == key { return (position, bucket) }
            bucket = (bucket + 1) % Self.buckets
        }
        return (nil, bucket)
    }

    /// Whether the reference knows the value. Where it knows others that it did not count, it may know this one too.
    func isFamiliar(_ position: Int?) -> Bool {
        guard let position else { return others.reference > 0 }
        return counts[position].reference > 0
    }

    /// Of the reference: the values that are not counted one by one.
    var shareOfOthers: Double { referenceTotal == 0 ? 0 : Double(others.reference) / Double(referenceTotal) }

    /// Of the reference: the value that is most frequent.
    var greatestShare: Double {
        referenceTotal == 0 ? 0 : Double(counts.map(\.reference).max() ?? 0) / Double(referenceTotal)
    }

    mutating func count(_ position: Int?) {
        windowTotal += 1
        guard let position else {
            others.current &+= 1
            others.window &+= 1
            return
        }
        counts[position].current &+= 1
        counts[position].window &+= 1
    }

    /// The events since the last time become the reference, beside the half of what it was. What was known once stays known.
    mutating func renewReference() {
        for position in counts.indices { counts[position].renew() }
        others.renew()
        referenceTotal = counts.reduce(Int(others.reference)) { $0 + Int($1.reference) }
    }

    mutating func beginWindow() {
        for position in counts.indices { counts[position].window = 0 }
        (others.window, windowTotal) = (0, 0)
    }

    /// The population stability index of the window against the reference, Σ(q − p)·ln(q/p), each count a half greater than it is; and how
    /// much of it chance alone may bring about: its mean and three deviations under no change, (B − 1 + 3·√(2(B − 1)))·(1/n + 1/m).
    var stability: (index: Double, noise: Double) {
        let bins = Double(counts.count + 1)
        let (n, m) = (Double(windowTotal) + bins / 2, Double(referenceTotal) + bins / 2)
        let index = (counts + [others]).reduce(0) { sum, count in
            let (q, p) = ((Double(count.window) + 0.5) / n, (Double(count.reference) + 0.5) / m)
            return sum + (q - p) * naturalLogarithm(q / p)
        }
        return (index, (bins - 1 + 3 * (2 * (bins - 1)).squareRoot()) * (1 / n + 1 / m))
    }

    private mutating func rebuild() {
        referenceTotal = counts.reduce(Int(others.reference)) { $0 + Int($1.reference) }
        index = [UInt8](repeating: 0, count: Self.buckets)
        for position in counts.indices {
            index[find(counts[position].key).bucket] = UInt8(position + 1)
        }
    }

    static func == (left: ValueCounts, right: ValueCounts) -> Bool {
        left.counts == right.counts && left.others == right.others && left.windowTotal == right.windowTotal
    }
}

/// Written as one list of numbers: the others' three counts, then key and counts of each value.
extension ValueCounts: Codable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let numbers = [others.reference, others.current, others.window] + counts.flatMap { [$0.key, $0.reference, $0.current, $0.window] }
        try container.encode(numbers)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let numbers = try container.decode([UInt32].self)
        guard numbers.count >= 3, (numbers.count - 3).isMultiple(of: 4), (numbers.count - 3) / 4 <= Self.capacity else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "counts of values are 3 and 4 for each value")
        }
        others = Count(key: 0, reference: numbers[0], current: numbers[1], window: numbers[2])
        counts = stride(from: 3, to: numbers.count, by: 4).map {
            Count(key: numbers[$0], reference: numbers[$0 + 1], current: numbers[$0 + 2], window: numbers[$0 + 3])
        }
        guard Set(counts.map(\.key)).count == counts.count else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a value is counted twice")
        }
        guard (counts + [others]).allSatisfy({ max($0.reference, $0.current, $0.window) < 1 << 30 }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a value is counted more often than events are sampled")
        }
        windowTotal = counts.reduce(Int(others.window)) { $0 + Int($1.window) }
        rebuild()
    }
}
