/// What a reader finds at an offset.
enum TopicRecord: Sendable {
    /// An event of the stream as it was.
    case original(Int)
    /// Other bytes in its place; nil for the null value.
    case changed([UInt8]?)
    /// An event of the stream once more.
    case repeated(Int)
}

/// The one partition of a run: a stream, and from an offset on what a fault has made of it.
struct Topic: Sendable {
    static let name = "events"

    let lines: EventLines
    /// The offset of the first record of `tail`; below it lie the stream's events, each at its number.
    let tailStart: Int
    let tail: [TopicRecord]

    init(_ lines: EventLines) { self.init(lines, upTo: lines.count, then: []) }

    init(_ lines: EventLines, upTo tailStart: Int, then tail: [TopicRecord]) {
        (self.lines, self.tailStart, self.tail) = (lines, tailStart, tail)
    }

    var end: Int { tailStart + tail.count }

    /// nil for the null value.
    func value(at offset: Int) -> ArraySlice<UInt8>? {
        guard offset >= tailStart else { return lines[offset] }
        switch tail[offset - tailStart] {
        case .original(let index), .repeated(let index): return lines[index]
        case .changed(let bytes): return bytes?[...]
        }
    }

    /// Whether the fault has made the record what it is.
    func isTouched(_ offset: Int) -> Bool {
        guard offset >= tailStart else { return false }
        if case .original = tail[offset - tailStart] { return false }
        return true
    }
}

/// How many of the events that a fault has touched are examples, by offset: what a model that has learnt so far has learnt of them.
struct PoisonCount: Sendable {
    private let start: Int
    /// Below `start + i`.
    private var below = [0]

    /// - Parameter start: the first offset that can be touched.
    init(from start: Int) { self.start = start }

    /// To be told of every record from `start` on, in order; those told before are passed over.
    mutating func note(_ offset: Int, isPoison: Bool) {
        guard offset - start == below.count - 1 else { return }
        below.append(below[below.count - 1] + (isPoison ? 1 : 0))
    }

    func count(below offset: Int64) -> Int {
        let offset = Int(offset)
        return offset <= start ? 0 : below[min(offset - start, below.count - 1)]
    }

    /// Without what was set aside.
    func count(below next: Int64, without skips: [Range<Int64>]) -> Int {
        skips.reduce(count(below: next)) { sum, skip in
            sum - count(below: min(skip.upperBound, next)) + count(below: min(skip.lowerBound, next))
        }
    }
}
