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
/// (`ln(N/ε)/λ`, N gaps a month, ε = 0.05); the gap that the tail of the largest gaps is expected to exceed as rarely (`GapTail`), and a
/// multiple of the longest gap of the last seven days, both of which real feeds need (bursts make the Poisson rule fail thousands of
/// times a month); and while the history is cold never less than a minute. The multiple is 10 at first and falls to 1.5 within seven days.
///
/// A gap is learnt from where the *end of the log* moved to where it moved next: what we read, and when, says nothing about who writes.
/// Silence is counted from the last sign of life, be it that the end moved or that records were taken.
///
/// All times are monotonic seconds of the calling process, passed in. They end with the process: a decoded detector knows its gaps and
/// waits for `started(at:)`. What is learnt are usual seconds (`ArrivalModel`); `usually` turns the seconds that end now into those.
public struct StallDetector: Codable, Equatable, Sendable {
    /// The least threshold of the automatic mode, in seconds.
    public static let floor = 2.0
    /// The least threshold while the history is cold, in seconds.
    public static let coldFloor = 60.0
    /// What a cold history lacks: gaps, or seconds.
    public static let warmGaps = 1000
    public static let warmSeconds = 600.0
    /// Before so many seconds of history a learnt threshold stops nothing: some hour of the week was never seen.
    public static let secondsBeforeFreeze = GapHistory.secondsOfWeek

    public var mode: StallMode
    public private(set) var history: GapHistory
    private var lastSign: Double?
    /// Nil where the gap to the next move is none to learn from.
    private var lastMove: Double?

    private enum CodingKeys: String, CodingKey { case mode, history }

    public init(mode: StallMode = .auto) {
        self.init(mode: mode, history: GapHistory())
    }

    init(mode: StallMode, history: GapHistory) {
        self.mode = mode
        self.history = history
    }

    /// Fetching begins, or begins again after a pause of our own: silence is counted from here, and no gap is learnt across it.
    public mutating func started(at now: Double) {
        (lastSign, lastMove) = (now, nil)
    }

    /// Nobody looked for a while: when the end moved is not known, and the gap to its next move is not learnt. Silence is counted on.
    public mutating func lookedAway() { lastMove = nil }

    /// Records were taken: a sign of life, that may have been written long ago and so teaches no gap.
    public mutating func arrived(count: Int, at now: Double) {
        guard count > 0 else { return }
        lastSign = max(now, lastSign ?? now)
    }

    /// The end of the log moved: records were written.
    public mutating func moved(at now: Double, usually: (Double) -> Double = { $0 }) {
        // What came at the same moment came together.
        if let lastMove, now > lastMove { history.record(usually(now - lastMove), lasting: now - lastMove) }
        lastMove = max(now, lastMove ?? now)
        arrived(count: 1, at: now)
    }

    /// Before the first sign of life there is nothing to count from, and the verdict is `flowing`.
    public func verdict(at now: Double, usually: (Double) -> Double = { $0 }) -> StallVerdict {
        let silence = silence(at: now)
        let limit = limit(of: silence, usually: usually)
        return silence > limit ? .silent(for: silence, threshold: limit) : .flowing
    }

    /// Seconds since the last sign of life.
    public func silence(at now: Double) -> Double { max(0, now - (lastSign ?? now)) }

    /// Too little history for a learnt threshold.
    public var isCold: Bool { history.isCold }

    /// Whether a silence may stop anything, or only be told: a fixed threshold is an order, a learnt one has to know the week.
    public var mayFreeze: Bool { mode != .auto || !isCold && history.knowsTheWeek }

    /// In seconds; those of the automatic mode are usual ones.
    public var threshold: Double {
        switch mode {
        case .after(let seconds): seconds
        case .auto: history.limit
        }
    }

    /// The threshold in seconds of the clock, at the pace of the hours that a silence of this length lies in.
    public func limit(of silence: Double, usually: (Double) -> Double = { $0 }) -> Double {
        guard mode == .auto else { return threshold }
        let usual = usually(silence)
        // In hours that usually bring nothing there is no silence too long.
        guard usual > 0 else { return max(threshold, silence) }
        return max(history.leastLimit, threshold * silence / usual)
    }
}
