/// Whether the versions of a lane still come, judged from beside the lane: when its owner's calls hang for good, nothing inside it can tell.
///
/// librdkafka 2.0.2 can keep a client from ever learning of its coordinator again (a metadata request stuck on a dead broker, #4970), and
/// some of its calls outlive their time-outs. A lane that fails is taken again with new clients; when that does not help either, a new
/// process does, which picks its first broker anew. So the one who asks ends the process when a verdict is `overdue`.
///
///     taking ──cameRound──> taken ──lost──> taking
///
/// A value: time comes with every call, in seconds of a clock that never goes back.
public struct CommitWatch: Equatable, Sendable {
    public enum Verdict: Equatable, Sendable {
        case fine
        /// For so many seconds something was to be written, and was not.
        case overdue(seconds: Double)
    }

    /// Versions that may be missing.
    static let intervals = 4.0
    /// A write makes three calls of 20 s at the most, whatever the interval.
    static let leastLimit = 60.0
    /// Taking a lane restores it, which takes what it takes; its calls have deadlines of their own.
    static let takingLimit = 600.0
    /// A broker that has not answered for so long is lost, and no new process finds it.
    static let answerLimit = 15.0
    /// Between two looks: after more the process itself had stood still.
    static let pauseLimit = 10.0

    /// Bytes a second that a write is allowed to be slow: a large model's first version takes its time.
    static let slowestWrite = Double(1 << 20)

    private let limit: Double
    /// Seconds that the version on its way may take longer.
    private var allowance = 0.0
    private var isTaken = false
    /// When there was nothing to write, or it was written.
    private var since: Double
    private var lastAnswer: Double
    private var lastLook: Double

    /// - Parameter interval: seconds between versions.
    public init(interval: Double, now: Double) {
        limit = max(Self.intervals * interval, Self.leastLimit)
        (since, lastAnswer, lastLook) = (now, now, now)
    }

    /// The lane is taken, and its loop came round.
    public mutating func cameRound(at now: Double, hasUnwritten: Bool) {
        if !isTaken || !hasUnwritten { since = now }
        isTaken = true
    }

    /// A version of so many bytes is on its way.
    public mutating func writes(bytes: Int) { allowance = Double(bytes) / Self.slowestWrite }

    public mutating func wrote(at now: Double) { (since, allowance) = (now, 0) }

    /// The lane has to be taken again.
    public mutating func lost(at now: Double) {
        // Taking has its time from here; what a first loss has begun, a second does not begin anew.
        if isTaken { since = now }
        (isTaken, allowance) = (false, 0)
    }

    /// A broker, whichever, answered.
    public mutating func answered(at now: Double) { lastAnswer = now }

    /// Seconds within which a lane that is asked to let go has done so: what it is in the midst of has deadlines, and all of them are over then.
    var timeToLetGo: Double { isTaken ? limit + allowance : Self.takingLimit }

    public mutating func look(at now: Double) -> Verdict {
        defer { lastLook = now }
        guard now - lastLook <= Self.pauseLimit, now - lastAnswer <= Self.answerLimit else {
            since = now
            return .fine
        }
        let age = now - since
        return age >= (isTaken ? limit + allowance : Self.takingLimit) ? .overdue(seconds: age) : .fine
    }
}
