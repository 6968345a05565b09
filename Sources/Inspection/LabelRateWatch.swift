/// Watches the share of label 1 on both sides of its band: neither class may double or halve the share that was learnt.
///
/// The band follows the stream slowly: counts are halved at `RateWatch.horizon`, so that the share of some ten thousands of events
/// decides, and events seen while either side is above half its threshold teach nothing.
struct LabelRateWatch: Codable, Equatable, Sendable {
    private(set) var high: EDetector
    private(set) var low: EDetector
    private(set) var isArmed = false
    private var ones = 0
    private var events = 0
    private var next: Int

    init(learningEvents: Int, logRunLength: Double) {
        high = EDetector(tolerance: 0.5, logRunLength: logRunLength)
        low = EDetector(tolerance: 0.5, logRunLength: logRunLength)
        next = learningEvents
    }

    /// The side with more evidence.
    var stronger: EDetector { high.evidence >= low.evidence ? high : low }

    /// The greatest and the least share of label 1 that is no evidence.
    var band: ClosedRange<Double> {
        let most = high.tolerance
        return min(1 - low.tolerance, most)...most
    }

    /// True when the event completes the evidence of either side.
    mutating func observe(isOne: Bool, at sequence: UInt64) -> Bool {
        var isRaised = false
        if isArmed {
            isRaised = high.observe(isBad: isOne, at: sequence)
            isRaised = low.observe(isBad: !isOne, at: sequence) || isRaised
        }
        if !high.isSuspect && !low.isSuspect { learn(isOne: isOne) }
        return isRaised
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool { soundCounts.contains(events) && (0...events).contains(ones) && soundCounts.contains(next) }

    mutating func forget() {
        high.forget()
        low.forget()
    }

    mutating func require(logRunLength: Double) {
        high.require(logRunLength: logRunLength)
        low.require(logRunLength: logRunLength)
    }

    private mutating func learn(isOne: Bool) {
        events += 1
        if isOne { ones += 1 }
        guard events >= next else { return }
        setBand()
        next = min(2 * next, RateWatch.horizon)
        guard events >= RateWatch.horizon else { return }
        events /= 2
        ones /= 2
    }

    /// One class alone gives no band: the detector stays as it is until the other one is seen.
    private mutating func setBand() {
        guard ones > 0, ones < events else { return }
        let share = Double(ones) / Double(events)
        let other = 1 - share
        high.widen(to: min(2 * share, 1 - other / 2))
        low.widen(to: min(2 * other, 1 - share / 2))
        isArmed = true
    }
}
