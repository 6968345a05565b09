/// Watches the values of one field.
///
/// - Strange values, by an e-detector with their share as its rate: numbers far from all that were seen (`Span`), categories that the
///   reference does not know. A changed unit, renamed categories, a number that became a text, columns that changed places.
/// - A run of one value (`RunWatch`): a sensor that is stuck, a constant in place of the field.
/// - Another distribution (`ShiftWatch`): everything that is not gross, and what is gross in a field that had never moved.
///
/// Numbers and categories are told apart by their slots: all numbers of a field have one. Numbers are watched for strange ones once they
/// had eight keys; categories once they are a closed vocabulary whose values alternate between events. A field that is constant or sorted
/// (a month, an hour) comes to new values by itself, and one of ids has nothing else.
///
/// The reference is made of the first `learningEvents` events, and anew at every doubling up to `RateWatch.horizon` and at every horizon
/// from then on. Events seen while the share of strange values is above half its threshold do not become a part of it.
struct ValueWatch: Codable, Equatable, Sendable {
    struct Findings: OptionSet {
        let rawValue: UInt8
        /// The value is one the field never had; says nothing about an alarm.
        static let isStrange = Findings(rawValue: 1)
        static let strange = Findings(rawValue: 2)
        static let stuck = Findings(rawValue: 4)
        static let shifted = Findings(rawValue: 8)
        static let replaced = Findings(rawValue: 16)
    }

    static let families: [DetectorFamily] = [.strange, .stuck, .shift, .replaced]

    /// The share of strange numbers that is no evidence. Categories come and go: a campaign or a new shop is no corruption.
    private static let numbersTolerance = 0.02
    private static let categoriesTolerance = 0.25
    private static let leastNumbers = 8
    private static let mostCategories = 64

    private(set) var run = RunWatch()
    private(set) var shift = ShiftWatch()
    private(set) var strange: RateWatch
    /// Whether there is a reference that can tell strange values.
    private(set) var tellsStrange = false
    private var span = Span()
    /// The slot of the first value: all numbers of a field have it, and one of its categories.
    private var numberSlot: UInt32?
    private var counts = ValueCounts()
    private var lastKey: UInt32 = 0
    private var changes = 0
    private var events = 0
    private var hasReference = false
    /// Whether the reference has values that alternate, none of which makes the half of it: only of such a field few values can be left.
    private var isVaried = false
    private var next: Int

    init(learningEvents: Int, logRunLength: Double) {
        next = learningEvents
        strange = RateWatch(
            floor: Self.numbersTolerance, provisional: nil, learningEvents: learningEvents, logRunLength: logRunLength)
    }

    /// - Parameter isSampled: whether the value counts for the distribution; before there is a reference all do.
    mutating func observe(
        slot: UInt32, value: Float, at sequence: UInt64, isSampled: Bool, logRunLength: Double, learningEvents: Int
    ) -> Findings {
        var findings: Findings = []
        let identity = UInt64(slot) << 32 | UInt64(value.bitPattern)
        if run.observe(identity, at: sequence, logRunLength: logRunLength, learningEvents: learningEvents) { findings.insert(.stuck) }
        if !hasReference && numberSlot == nil { numberSlot = slot }
        let isNumber = slot == numberSlot
        if tellsStrange, judge(isNumber ? span.isStrange(value) : isUnknown(slot), at: sequence, &findings) { return findings }
        if isNumber && !findings.contains(.isStrange) { span.take(value) }
        if isSampled || !hasReference { count(slot, value, isNumber: isNumber) } else { return findings }
        if counts.windowTotal == ShiftWatch.window { endWindow(at: sequence, &findings) }
        if events >= next { renewReference(logRunLength: logRunLength, learningEvents: learningEvents) }
        return findings
    }

    /// True while the value's like must teach nothing.
    private mutating func judge(_ isStrange: Bool, at sequence: UInt64, _ findings: inout Findings) -> Bool {
        if isStrange { findings.insert(.isStrange) } else if strange.isIdle { return false }
        if strange.observe(isBad: isStrange, at: sequence) { findings.insert(.strange) }
        return strange.detector.isSuspect
    }

    /// Of a field of numbers, any category is.
    private func isUnknown(_ slot: UInt32) -> Bool { !counts.isFamiliar(counts.knownPosition(of: ValueKey.category(slot))) }

    private mutating func count(_ slot: UInt32, _ value: Float, isNumber: Bool) {
        let key = isNumber ? ValueKey.number(value) : ValueKey.category(slot)
        if key != lastKey { (changes, lastKey) = (changes + 1, key) }
        counts.count(counts.position(of: key))
        events += 1
    }

    private mutating func endWindow(at sequence: UInt64, _ findings: inout Findings) {
        defer { counts.beginWindow() }
        guard hasReference else { return }
        switch shift.observe(counts.stability, isVaried: isVaried, at: sequence + 1) {
        case .none: return
        case .shifted: findings.insert(.shifted)
        case .replaced: findings.insert(.replaced)
        }
    }

    private mutating func renewReference(logRunLength: Double, learningEvents: Int) {
        let isLively = changes * 4 > events
        counts.renewReference()
        (changes, events) = (0, 0)
        next = min(2 * next, RateWatch.horizon)
        if !hasReference { counts.beginWindow() }
        isVaried = isLively && counts.greatestShare < 0.5
        hasReference = true
        guard !tellsStrange, let tolerance = tolerance(isLively: isLively) else { return }
        tellsStrange = true
        strange = RateWatch(floor: tolerance, provisional: nil, learningEvents: learningEvents, logRunLength: logRunLength)
    }

    /// The share of strange values that is no evidence; nil where no value is strange.
    private func tolerance(isLively: Bool) -> Double? {
        let hasCategories = counts.counts.contains { ValueKey.isCategory($0.key) }
        guard hasCategories else { return counts.counts.count >= Self.leastNumbers ? Self.numbersTolerance : nil }
        let isClosed = counts.counts.count <= Self.mostCategories && counts.shareOfOthers < 0.01
        return isClosed && isLively ? Self.categoriesTolerance : nil
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        run.isSound && shift.isSound && strange.isSound && [changes, events, next].allSatisfy(soundCounts.contains)
    }

    mutating func require(logRunLength: Double) { strange.require(logRunLength: logRunLength) }

    /// Forgets the evidence, keeps the reference.
    mutating func forget() {
        run.forget()
        shift.forget()
        strange.forget()
    }
}
