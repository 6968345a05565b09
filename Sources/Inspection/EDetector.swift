/// Tells whether the rate of bad events has left its tolerance band: an e-detector for Bernoulli events.
///
/// Every event multiplies the evidence by the likelihood ratio of an alternative rate against the *edge* of the band. Five alternatives
/// run side by side, from "a little over the tolerance" to "nearly every event"; the alarm is given when their weighted mean reaches
/// `c`. While the true rate stays inside the band, the mean distance between false alarms is at least `c` events, whatever the
/// dependence between them (Shin, Ramdas, Rinaldo 2022; `FalseAlarmBudget`). At thousands of events a second any difference is
/// significant; only one beyond the tolerance counts here.
///
/// The form is that of Shiryaev and Roberts, `R ← (1 + R)·L`, cut short by a CUSUM beside it: when `max(C, 1)·L` comes down to 1, the
/// alternative forgets everything. Forgetting keeps the bound, as what is left is never more than the full sum; it gives the change
/// point, which is where the winning CUSUM last rose from zero; and a detector at rest costs nothing for a good event.
public struct EDetector: Equatable, Sendable {
    /// The greatest rate of bad events that is no evidence, above 0 and below 1.
    public private(set) var tolerance: Double
    /// ln c: the log evidence at which the alarm is given.
    public private(set) var logThreshold: Double
    /// The change point of the alarm that is on; nil from the moment all evidence is forgotten.
    public private(set) var raisedFrom: UInt64?

    /// The weighted mean of the alternatives' evidence; 0 at rest. Up to `limit`: what exceeds that is cut, so that an incident that
    /// is over is forgotten in as many good events as its proof takes at most.
    private(set) var evidence = 0.0
    /// c
    private var limit: Double
    var alternatives: Alternatives

    /// - Parameters:
    ///   - tolerance: cut to 10⁻⁶ … 1 − 10⁻⁶.
    ///   - logRunLength: ln c, of `FalseAlarmBudget`.
    public init(tolerance: Double, logRunLength: Double) {
        self.tolerance = min(max(tolerance, 1e-6), 1 - 1e-6)
        logThreshold = logRunLength
        limit = naturalExponential(logRunLength)
        alternatives = Alternatives(tolerance: self.tolerance)
    }

    /// Takes one event; true when it completes the evidence, once for each incident.
    public mutating func observe(isBad: Bool, at sequence: UInt64) -> Bool {
        if !isBad && evidence == 0 { return false }
        return observe(badness: isBad ? 1 : 0, at: sequence)
    }

    /// Takes one event that may be bad in part.
    ///
    /// - Parameter badness: from 0 to 1; `tolerance` bounds its conditional mean then. The likelihood ratio `x·p₁/p₀ + (1−x)·(1−p₁)/(1−p₀)`
    ///   is an e-value for any such x.
    public mutating func observe(badness: Double, at sequence: UInt64) -> Bool {
        evidence = min(alternatives.step(badness: badness, at: sequence, limit: limit), limit)
        if evidence == 0 { raisedFrom = nil }
        guard raisedFrom == nil, evidence >= limit else { return false }
        raisedFrom = alternatives.greatest.start
        return true
    }

    /// Moves the band; the evidence gathered so far stays.
    public mutating func widen(to tolerance: Double) {
        self.tolerance = min(max(tolerance, 1e-6), 1 - 1e-6)
        alternatives.aim(at: self.tolerance)
    }

    /// Asks for another distance between false alarms; the evidence gathered so far stays.
    public mutating func require(logRunLength: Double) {
        logThreshold = logRunLength
        limit = naturalExponential(logRunLength)
    }

    /// Back to no evidence; the band stays.
    public mutating func forget() {
        self = EDetector(tolerance: tolerance, logRunLength: logThreshold)
    }

    public var isAtRest: Bool { evidence == 0 }

    public var isRaised: Bool { raisedFrom != nil }

    /// The log of the evidence, from 0 to `logThreshold`.
    public var logEvidence: Double { evidence <= 1 ? 0 : min(naturalLogarithm(evidence), logThreshold) }

    /// Log evidence in units of the threshold, 0 to 1.
    public var ratio: Double { logEvidence / logThreshold }

    /// Above half of the log evidence an alarm takes.
    public var isSuspect: Bool { evidence * evidence >= limit }

    /// The first event of the evidence that is running; nil when there is none worth holding anything back for.
    ///
    /// Evidence counts from an eighth of the log threshold on, and for the boldest alternative ("nearly every event is bad") from its
    /// first event: one bad event after good ones raises it and two good ones end it, so gross corruption is held from the start.
    public var runningSince: UInt64? {
        if isAtRest { return nil }
        return raisedFrom ?? alternatives.earliestStart(above: naturalExponential(logThreshold / 8))
    }

    /// The first event that may belong to the alarm that was just given; nil while there is none.
    ///
    /// - Parameter decided: what lies before this event was decided about, and is doubted by its evidence alone.
    func changePoint(decided: UInt64) -> UInt64? {
        let margin = alternatives.greatest.margin
        return raisedFrom.map { max($0 - min($0, margin), min($0, decided)) }
    }

    /// The first event that may be bad, if the evidence that is running should become an alarm; nil where there is next to none.
    var doubtedFrom: UInt64? { raisedFrom ?? alternatives.doubtedStart }

    /// Restores the evidence of a decoded detector.
    mutating func restore(_ alternatives: Alternatives, raisedFrom: UInt64?) {
        self.alternatives = alternatives
        evidence = min(alternatives.evidence, limit)
        self.raisedFrom = raisedFrom
    }
}
