/// How often all detectors together may cry wolf, and the evidence each of them has to gather for that.
///
/// A sequential test whose evidence is an e-detector raises a false alarm once in `c` events or less, whatever the dependence between
/// the events, as long as their rate stays inside the tolerance band (Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework
/// for sequential change detection", 2022). With M detectors at λ events a second, `c = M · λ · 30 days / budget` keeps the sum of all
/// their false alarms below the budget.
public struct FalseAlarmBudget: Codable, Equatable, Sendable {
    /// False alarms a month (30 days), of all detectors together.
    public var alarmsPerMonth: Double
    /// The rate the budget is computed for; a slower stream has fewer false alarms, a faster one proportionally more.
    public var eventsPerSecond: Double
    public var detectors: Int

    public init(alarmsPerMonth: Double = 1, eventsPerSecond: Double = 10_000, detectors: Int = 64) {
        self.alarmsPerMonth = alarmsPerMonth
        self.eventsPerSecond = eventsPerSecond
        self.detectors = detectors
    }

    /// ln c: the log of the shortest mean distance between two false alarms of one detector, in events.
    ///
    /// Never below `ln 1000`, so that a budget for a very slow stream does not freeze on three bad events.
    public var logRunLength: Double { logRunLength(share: 1 / Double(detectors)) }

    /// The same for a detector that may give this share of all false alarms.
    public func logRunLength(share: Double) -> Double {
        let secondsPerMonth = 30.0 * 24 * 3600
        return naturalLogarithm(max(1000, eventsPerSecond * secondsPerMonth / (alarmsPerMonth * share)))
    }
}
