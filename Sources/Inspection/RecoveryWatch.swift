/// How far the detectors that can freeze are from rest, the worst of them.
public enum Unrest: Sendable {
    /// None is raised, and none above half of its threshold.
    case calm
    /// One is raised or suspects something, and has less evidence than an alarm takes.
    case uneasy
    /// One has all the evidence that an alarm takes.
    case alarming
}

/// Sees whether what froze a lane is over: so many events in a row at none of which a detector had the evidence for an alarm, and all of them
/// calm at the end.
///
/// Evidence that is complete stays so while bad events come, and begins to fall a few events after the last one; it takes a thousand and more
/// good ones to be gone. So the run begins where the evidence begins to fall, and nearly nothing good is counted among the bad.
///
/// Decided by events and their own times alone: what is learnt is the same however the events are batched and however often the process
/// dies.
public struct RecoveryWatch: Codable, Equatable, Sendable {
    /// How long the run has to be.
    public static let cleanEvents: UInt64 = 4_096
    /// So many freezes of a day end by themselves; then a person has to look.
    public static let resumesMost = 3
    private static let day: Int64 = 86_400_000

    /// Events in a row at none of which a detector had the evidence for an alarm.
    public private(set) var run: UInt64 = 0
    /// Whether all detectors were calm after the last of them.
    private var isCalm = false
    /// Event time of the last example of the run, in milliseconds.
    private var time: Int64?
    /// Event times of the freezes that ended by themselves last, the newest at the end.
    private var resumes: [Int64] = []

    public init() {}

    /// Takes an event that was inspected.
    ///
    /// - Parameters:
    ///   - unrest: of the detectors after it.
    ///   - time: in milliseconds, of an example.
    public mutating func observe(_ unrest: Unrest, time: Int64?) {
        guard unrest != .alarming else { return restart() }
        run += 1
        isCalm = unrest == .calm
        if let time { self.time = time }
    }

    /// Whether it is over. From then on nothing more is to be observed: what comes is read again, and inspected anew.
    public func isOver(after events: UInt64) -> Bool { run >= events && isCalm }

    /// Whether this freeze may end by itself, after those that did within a day of the events' own time.
    public var mayResume: Bool {
        guard let time else { return resumes.count < Self.resumesMost }
        let dayBefore = time < .min + Self.day ? .min : time - Self.day
        return resumes.count { $0 > dayBefore } < Self.resumesMost
    }

    /// The freeze has ended by itself.
    public mutating func resumed() {
        if let time = time ?? resumes.last { resumes = (resumes + [time]).suffix(Self.resumesMost) }
        restart()
    }

    /// The run begins anew with the next event.
    public mutating func restart() { (run, isCalm, time) = (0, false, nil) }
}
