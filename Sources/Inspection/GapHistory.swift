/// The gaps between arrivals: how many, how long on average lately, the longest of the last seven days, and the tail of the largest; and
/// how long a silence they make a stall.
///
/// Days are counted in seconds of gaps observed, so that a restart needs no clock. Gaps are in usual seconds (`ArrivalModel`), which are
/// those of the clock as long as no rhythm of the week is known.
public struct GapHistory: Equatable, Sendable {
    /// False stalls a month (30 days) of gaps that are what they were: ε.
    static let stallsOfMonth = 0.05
    static let secondsOfWeek = 604_800.0
    /// Longest gaps are kept for 28 spans of six hours.
    private static let spans = 28
    private static let secondsPerSpan = 6.0 * 3600
    /// The number of gaps the mean follows.
    private static let memory = 1000

    public private(set) var count = 0
    /// The sum of all gaps, in seconds of the clock.
    public private(set) var seconds = 0.0
    /// Of about the last thousand gaps.
    public private(set) var mean = 0.0
    /// The longest gap of each span, oldest first; the last span is still running.
    private var longestOfSpan: [Double] = [0]
    private var secondsOfSpan = 0.0
    private(set) var tail: GapTail

    public init() { self.init(tailCapacity: GapTail.capacityOfFeed) }

    init(tailCapacity: Int) { tail = GapTail(capacity: tailCapacity) }

    /// 0 without any.
    public var longest: Double { longestOfSpan.max() ?? 0 }

    /// Too little for a learnt threshold.
    public var isCold: Bool { count < StallDetector.warmGaps || seconds < StallDetector.warmSeconds }

    /// A week has been observed: whatever the feed does at some hour of it has been seen.
    var knowsTheWeek: Bool { seconds >= Self.secondsOfWeek }

    /// Expects finite numbers, not below 0.
    ///
    /// - Parameters:
    ///   - gap: in usual seconds. One that was a stall teaches no more than where the threshold was, or one outage would hide the next; of one
    ///     in hours that usually bring nothing (0) only the time is noted.
    ///   - seconds: how long it lasted by the clock; the gap, if that is not another.
    mutating func record(_ gap: Double, lasting seconds: Double? = nil) {
        let gap = min(gap, limit)
        let seconds = seconds ?? gap
        self.seconds += seconds
        secondsOfSpan += seconds
        if secondsOfSpan > Self.secondsPerSpan || longestOfSpan.isEmpty { beginSpan() }
        guard gap > 0 else { return }
        count += 1
        mean += (gap - mean) / Double(min(count, Self.memory))
        longestOfSpan[longestOfSpan.count - 1] = max(longestOfSpan[longestOfSpan.count - 1], gap)
        tail.record(gap, lasting: seconds)
    }

    private mutating func beginSpan() {
        secondsOfSpan = 0
        longestOfSpan.append(0)
        if longestOfSpan.count > Self.spans { longestOfSpan.removeFirst() }
    }

    /// The silence that is a stall: the greatest of what the four ways to reckon it say.
    var limit: Double { max(leastLimit, poissonLimit, tail.limit, multipleOfLongest) }

    /// No silence shorter than this is a stall, in seconds of the clock, whatever is usual.
    var leastLimit: Double { isCold ? StallDetector.coldFloor : StallDetector.floor }

    /// The gap that a Poisson stream of the learnt rate exceeds 0.05 times a month.
    var poissonLimit: Double {
        guard count > 0, mean > 0 else { return 0 }
        let gapsPerMonth = max(1, 30 * 24 * 3600 / mean)
        return mean * naturalLogarithm(gapsPerMonth / Self.stallsOfMonth)
    }

    /// The longest gap times 10 for ten minutes of history, times 1.5 for seven days, and in between by the logarithm of the time
    /// observed.
    ///
    /// The line between them was chosen on simulated feeds with lognormal gaps, whose records keep being broken for days.
    var multipleOfLongest: Double {
        let age = max(1, seconds / StallDetector.warmSeconds)
        let week = Self.secondsOfWeek / StallDetector.warmSeconds
        return longest * max(1.5, 10 - 8.5 * naturalLogarithm(age) / naturalLogarithm(week))
    }
}

/// What is read back is checked: the number of spans, and that no number is negative or none at all.
extension GapHistory: Codable {
    private enum CodingKeys: String, CodingKey { case count, seconds, mean, longestOfSpan, secondsOfSpan, tail }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        count = try container.decode(Int.self, forKey: .count)
        seconds = try container.decode(Double.self, forKey: .seconds)
        mean = try container.decode(Double.self, forKey: .mean)
        longestOfSpan = try container.decode([Double].self, forKey: .longestOfSpan)
        secondsOfSpan = try container.decode(Double.self, forKey: .secondsOfSpan)
        // Absent from what older builds wrote.
        tail = try container.decodeIfPresent(GapTail.self, forKey: .tail) ?? GapTail(capacity: GapTail.capacityOfFeed)
        let numbers = [seconds, mean, secondsOfSpan] + longestOfSpan
        guard (0...Int(1 << 53)).contains(count), longestOfSpan.count <= Self.spans, numbers.allSatisfy({ (0...1e15).contains($0) }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .longestOfSpan, in: container,
                debugDescription: "a history of gaps has at most \(Self.spans) spans, and nothing below 0")
        }
    }
}
