/// Whether the feed is silent.
public enum StallVerdict: Equatable, Sendable {
    case flowing
    /// Nothing arrived for so many seconds, which is more than the threshold.
    case silent(for: Double, threshold: Double)

    public var isSilent: Bool { self != .flowing }
}

/// When silence is a stall.
public enum StallMode: Codable, Equatable, Sendable {
    /// Learnt from the gaps between arrivals.
    case auto
    /// After a fixed number of seconds.
    case after(seconds: Double)
}

/// Decides how long a silence is too long, from the gaps this feed has had so far.
///
/// Automatic mode takes the greatest of: a floor of 2 s; the gap that a Poisson stream of the learnt rate exceeds once in 600 days
/// (`ln(N/ε)/λ`, N gaps a month, ε = 0.05); a multiple of the longest gap of the last seven days, which real feeds need (bursts and
/// nights make the Poisson rule fail thousands of times a month); and while the history is cold never less than a minute. The multiple
/// is 10 at first and falls as the sixth root of the time observed, because a longest gap of a short history says little.
///
/// All times are monotonic seconds of the calling process, passed in. They end with the process: a decoded detector knows its gaps and
/// waits for `started(at:)`.
public struct StallDetector: Codable, Equatable, Sendable {
    /// The least threshold of the automatic mode, in seconds.
    public static let floor = 2.0
    /// The least threshold while the history is cold, in seconds.
    public static let coldFloor = 60.0
    /// What a cold history lacks: gaps, or seconds.
    public static let warmGaps = 1000
    public static let warmSeconds = 600.0

    public var mode: StallMode
    public private(set) var history = GapHistory()
    private var lastArrival: Double?
    private var hasArrival = false

    private enum CodingKeys: String, CodingKey { case mode, history }

    public init(mode: StallMode = .auto) {
        self.mode = mode
    }

    /// Fetching begins, or begins again after a pause of our own: silence is counted from here, and no gap is learnt across it.
    public mutating func started(at now: Double) {
        (lastArrival, hasArrival) = (now, false)
    }

    /// Events arrived.
    public mutating func arrived(count: Int, at now: Double) {
        guard count > 0 else { return }
        if hasArrival, let lastArrival {
            // A gap that was a stall teaches no more than where the threshold was, or one outage would hide the next.
            history.record(min(max(0, now - lastArrival), threshold))
        }
        (lastArrival, hasArrival) = (max(now, lastArrival ?? now), true)
    }

    /// Before the first `started(at:)` or `arrived(count:at:)` there is nothing to count from, and the verdict is `flowing`.
    public func verdict(at now: Double) -> StallVerdict {
        let silence = silence(at: now)
        let threshold = threshold
        return silence > threshold ? .silent(for: silence, threshold: threshold) : .flowing
    }

    /// Seconds since the last arrival.
    public func silence(at now: Double) -> Double { max(0, now - (lastArrival ?? now)) }

    /// Too little history for a learnt threshold: the policy may want to alert only.
    public var isCold: Bool { history.count < Self.warmGaps || history.seconds < Self.warmSeconds }

    /// In seconds.
    public var threshold: Double {
        switch mode {
        case .after(let seconds): seconds
        case .auto: max(isCold ? Self.coldFloor : Self.floor, history.poissonLimit, history.multipleOfLongest)
        }
    }
}
