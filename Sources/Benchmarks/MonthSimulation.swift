import Foundation
import Inspection

/// A month of a stream at 10,000 events a second whose rates move with the day and the week, for the detectors that watch a rate.
///
/// 26 thousand million events cannot be gone through one by one. The rate is constant within a second and drawn anew at its edge, so that the
/// gap to the next bad event is geometric, and a detector takes the events of a gap at once (`RunDetector`).
struct MonthSimulation: Sendable {
    static let eventsPerSecond = 10_000
    static let seconds = 30 * 86_400

    /// One rate, and the detector that watches it.
    struct Course: Sendable {
        let name: String
        let family: DetectorFamily
        /// Of bad events, or of label 1, over the month.
        let rate: Double
        /// By how much of itself the rate swings with the day, and with the week.
        var daily = 0.2
        var weekly = 0.1
        /// The deviation of the rate's logarithm from one second to the next.
        var noise = 0.15
        /// When the world changes for good (share of the month), by a factor each time.
        var changes: [Double] = []
        var change = 1.3
    }

    /// Rejects at a rate that is usual with careless producers, fields that are sometimes not there, and a label that drifts.
    static let courses = [
        Course(name: "reject-rate", family: .rejectRate, rate: 0.008),
        Course(name: "missing/often", family: .missing, rate: 0.005),
        Course(name: "missing/seldom", family: .missing, rate: 0.001),
        Course(name: "label-rate", family: .labelRate, rate: 0.005, noise: 0.05, changes: [1 / 3, 2 / 3]),
    ]

    let course: Course
    private var random: SplitMix64
    private var watch: WatchReplica
    private(set) var falseAlarms = 0

    init(_ course: Course, seed: UInt64, logRunLength: Double = FalseAlarmBudget().logRunLength) {
        self.course = course
        random = SplitMix64(seed, course.rate.bitPattern, 7)
        watch = WatchReplica(course.family, logRunLength: logRunLength)
    }

    /// Goes through the seconds of a month, or the first of them.
    mutating func run(seconds: Int = MonthSimulation.seconds) {
        for second in 0..<seconds { pass(Self.eventsPerSecond, rate: rate(at: second)) }
    }

    private mutating func rate(at second: Int) -> Double {
        let days = Double(second) / 86_400
        let seasons = 1 + course.daily * sin(2 * Double.pi * days) + course.weekly * sin(2 * Double.pi * days / 7)
        let passed = course.changes.count { $0 * Double(Self.seconds) <= Double(second) }
        return min(0.5, course.rate * seasons * pow(course.change, Double(passed)) * exp(course.noise * random.normal()))
    }

    /// A second's events, in stretches between which the band does not move.
    private mutating func pass(_ events: Int, rate: Double) {
        let logGood = log1p(-rate)
        var left = events
        while left > 0 {
            let stretch = min(left, watch.untilBand)
            take(stretch, logGood: logGood)
            left -= stretch
        }
    }

    /// - Parameter logGood: the log of the share of good events.
    private mutating func take(_ events: Int, logGood: Double) {
        var (left, bad) = (events, 0)
        while left > 0 {
            let gap = log(1 - random.uniform()) / logGood
            guard gap < Double(left) else {
                if watch.good(left) { raise() }
                break
            }
            if watch.good(Int(gap)) { raise() }
            if watch.bad() { raise() }
            (left, bad) = (left - Int(gap) - 1, bad + 1)
        }
        watch.learn(events: events, bad: bad)
    }

    /// A false alarm is lifted at once.
    private mutating func raise() {
        falseAlarms += 1
        watch.forget()
    }
}

/// `RateWatch` and `LabelRateWatch` in terms of runs: the detectors, and the band they learn from their own stream.
///
/// The band is learnt as there, but for one thing: events under suspicion teach it too. That widens it only where a real watch would have
/// given an alarm, or nearly.
private struct WatchReplica: Sendable {
    private static let learningEvents = 500
    private static let horizon = 65_536
    private static let tolerance = 0.02
    private static let provisionalTolerance = 0.1

    private let isTwoSided: Bool
    private var high: RunDetector
    private var low: RunDetector
    private var isArmed: Bool
    private var isLearning = true
    private var events = 0
    private var badCount = 0
    private var next = WatchReplica.learningEvents

    init(_ family: DetectorFamily, logRunLength: Double) {
        isTwoSided = family == .labelRate
        isArmed = family == .rejectRate
        let tolerance = isArmed ? Self.provisionalTolerance : 0.5
        high = RunDetector(tolerance: tolerance, logRunLength: logRunLength)
        low = RunDetector(tolerance: tolerance, logRunLength: logRunLength)
    }

    /// Events until the band is set next.
    var untilBand: Int { isLearning ? next - events : .max }

    mutating func good(_ count: Int) -> Bool {
        guard isArmed else { return false }
        high.good(count)
        return isTwoSided && low.bad(count)
    }

    mutating func bad() -> Bool {
        guard isArmed else { return false }
        if isTwoSided { low.good(1) }
        return high.bad()
    }

    mutating func forget() {
        high.forget()
        low.forget()
    }

    mutating func learn(events count: Int, bad seen: Int) {
        guard isLearning else { return }
        (events, badCount) = (events + count, badCount + seen)
        guard events >= next else { return }
        if isTwoSided { follow() } else { settle() }
    }

    /// As `RateWatch`: twice the rate seen, set at every doubling up to the horizon.
    private mutating func settle() {
        high.widen(to: max(Self.tolerance, 2 * Double(badCount) / Double(events)))
        isArmed = true
        isLearning = 2 * next <= Self.horizon
        next *= 2
    }

    /// As `LabelRateWatch`: half to double the share, for good, with a memory of the horizon.
    private mutating func follow() {
        if badCount > 0, badCount < events {
            let share = Double(badCount) / Double(events)
            high.widen(to: min(2 * share, 1 - (1 - share) / 2))
            low.widen(to: min(2 * (1 - share), 1 - share / 2))
            isArmed = true
        }
        next = min(2 * next, Self.horizon)
        guard events >= Self.horizon else { return }
        (events, badCount) = (events / 2, badCount / 2)
    }
}
