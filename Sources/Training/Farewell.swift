/// How long a lane has been asked to let go.
///
/// A value: time comes with every look, in seconds of a clock that never goes back.
struct Farewell: Equatable, Sendable {
    private var since: Double
    private var lastLook: Double

    init(now: Double) { (since, lastLook) = (now, now) }

    /// Whether the time is over. A process that stood still itself begins anew, as its calls do.
    mutating func isOver(at now: Double, limit: Double) -> Bool {
        if now - lastLook > CommitWatch.pauseLimit { since = now }
        lastLook = now
        return now - since >= limit
    }
}
