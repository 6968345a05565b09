import Supervision

/// The watchdogs that left their last word in the control topic: what they had told is gone on with, and their word is taken back once it is
/// clear that they are dead.
struct Predecessors: Equatable {
    /// So long without a heartbeat, in milliseconds.
    private static let deadAfter: Int64 = 60_000

    private struct Seen: Equatable {
        var heartbeat: UInt64
        var since: Int64
    }

    /// Whether their alerts were taken over; before that nothing is written that might be over theirs.
    private(set) var wereRead = false
    private var seen: [String: Seen] = [:]

    /// What all watchdogs of a model have told and not ended; nil once it was asked for. One that still lives tells it beside us.
    mutating func alerts(in statuses: [ProcessStatus], of model: String) -> [ProcessStatus.FiringAlert]? {
        guard !wereRead else { return nil }
        wereRead = true
        return statuses.filter { $0.process == .watchdog && $0.model == model }.flatMap { $0.alerts ?? [] }
    }

    /// - Parameter now: milliseconds of a clock that does not jump.
    mutating func look(at statuses: [ProcessStatus], but instance: String, at now: Int64) {
        let others = statuses.filter { $0.process == .watchdog && $0.instance != instance }
        let before = seen
        seen = [:]
        for status in others {
            let known = before[status.instance].flatMap { $0.heartbeat == status.heartbeat ? $0 : nil }
            seen[status.instance] = known ?? Seen(heartbeat: status.heartbeat, since: now)
        }
    }

    /// The instances whose word is to be taken back now; each is named once.
    mutating func takeOver(at now: Int64) -> [String] {
        let dead = seen.filter { now - $0.value.since > Self.deadAfter }.map(\.key).sorted()
        for instance in dead { seen[instance]?.since = now }
        return dead
    }
}
