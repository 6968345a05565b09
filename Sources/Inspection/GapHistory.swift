/// The gaps between arrivals: how many, how long on average lately, and the longest of the last seven days.
///
/// Days are counted in seconds of gaps observed, so that a restart needs no clock.
public struct GapHistory: Codable, Equatable, Sendable {
    /// Longest gaps are kept for 28 spans of six hours.
    private static let spans = 28
    private static let secondsPerSpan = 6.0 * 3600
    /// The number of gaps the mean follows.
    private static let memory = 1000

    public private(set) var count = 0
    /// The sum of all gaps, in seconds.
    public private(set) var seconds = 0.0
    /// Of about the last thousand gaps, in seconds.
    public private(set) var mean = 0.0
    /// The longest gap of each span, oldest first; the last span is still running.
    private var longestOfSpan: [Double] = [0]
    private var secondsOfSpan = 0.0

    public init() {}

    /// In seconds; 0 without any.
    public var longest: Double { longestOfSpan.max() ?? 0 }

    /// Expects a finite gap, not below 0.
    mutating func record(_ gap: Double) {
        count += 1
        seconds += gap
        mean += (gap - mean) / Double(min(count, Self.memory))
        secondsOfSpan += gap
        if secondsOfSpan > Self.secondsPerSpan || longestOfSpan.isEmpty { beginSpan() }
        longestOfSpan[longestOfSpan.count - 1] = max(longestOfSpan[longestOfSpan.count - 1], gap)
    }

    private mutating func beginSpan() {
        secondsOfSpan = 0
        longestOfSpan.append(0)
        if longestOfSpan.count > Self.spans { longestOfSpan.removeFirst() }
    }

    /// The gap that a Poisson stream of the learnt rate exceeds 0.05 times a month.
    var poissonLimit: Double {
        guard count > 0, mean > 0 else { return 0 }
        let gapsPerMonth = max(1, 30 * 24 * 3600 / mean)
        return mean * naturalLogarithm(gapsPerMonth / 0.05)
    }

    /// The longest gap times 10 for ten minutes of history, times 3.2 for seven days, and never less than 1.5 times.
    ///
    /// The sixth root between them was chosen on simulated feeds with lognormal gaps, whose records keep being broken for days.
    var multipleOfLongest: Double {
        let age = max(1, seconds / StallDetector.warmSeconds)
        return longest * max(1.5, 10 * naturalExponential(naturalLogarithm(age) / -6))
    }
}
