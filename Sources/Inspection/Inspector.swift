public import Learning

/// Looks at every event before the learner does and keeps the evidence that the input is broken.
///
/// Events are numbered from 0 in the order they are observed, rejected ones included; `sequence` is the number of the next one. The
/// inspector has no clock and does no I/O: its whole state follows from the events, is written into every manifest, and is cheap to
/// copy (a few arrays, copied when changed).
///
/// An event that is fine costs one pass over its features and one over the watched fields, and allocates nothing.
public struct Inspector: Equatable, Sendable {
    /// Budgeted for at least; more watched fields raise every threshold a little.
    private static let leastDetectors = 64
    /// Detectors beside those of the fields, that have no share of their own.
    private static let otherDetectors = 7
    /// Of the false alarms, for each of the two detectors that see the whole event: what they catch must be caught soonest.
    private static let wholeEventShare = 0.2
    /// For all that look at the model's predictions and at what it has learnt.
    static let modelShare = 0.1
    /// The first so many fields of the profile have their values watched.
    private static let valueWatchLimit = 256
    /// The share of rejected records that a stream may begin with before the band is learnt.
    private static let provisionalRejectTolerance = 0.1
    /// Producers that deliver at least once repeat themselves when they are in trouble; one that does little else replays the past.
    private static let repeatsTolerance = 0.25
    /// A new producer may send a field that others do not.
    private static let newFieldsTolerance = 0.02
    /// Events whose fields break together are rare wherever there are any.
    private static let brokenTolerance = 0.002

    public internal(set) var configuration: InspectionConfiguration
    public let task: PredictionTask
    /// Events observed so far, rejected ones included: the number of the next event.
    public internal(set) var sequence: UInt64 = 0
    /// What was decided about the events before this number stands: a change point lies before it only if its evidence does, not for its
    /// margin.
    public internal(set) var decided: UInt64 = 0
    /// Examples whose id the owner had met shortly before, of as many as were observed. It says nothing against them: producers that deliver
    /// at least once repeat themselves, and the model learns what it is given.
    public var duplicates: UInt64 = 0
    /// The reference for "normal". The owner adds predictions to it.
    public var profile: Profile

    var rejects: RateWatch
    var broken: RateWatch
    var repeats: RateWatch
    var newFields: RateWatch
    var constantLabel = ConstantLabelWatch()
    var labelRate: LabelRateWatch
    var times: EventTimeWatch
    /// Of the values of the profile's fields, in the order of the profile.
    var values: [ValueWatch] = []
    /// The fields that are watched or may come to be, in the order of the profile.
    var watches: [FieldWatch] = []
    /// How many of the profile's fields were considered for a watch.
    var fieldsMet = 0
    /// Fields whose absence says something.
    var usualFields = 0
    /// ln c of each detector.
    var logRunLength: Double

    public init(configuration: InspectionConfiguration, task: PredictionTask) {
        self.configuration = configuration
        self.task = task
        profile = Profile(expecting: configuration.required)
        logRunLength = Self.logRunLength(configuration, fieldDetectors: configuration.required.count)
        rejects = RateWatch(
            floor: configuration.rejectTolerance, provisional: max(configuration.rejectTolerance, Self.provisionalRejectTolerance),
            learningEvents: configuration.learningEvents, logRunLength: Self.wholeEventRunLength(configuration))
        broken = Self.brokenWatch(configuration)
        repeats = Self.repeatsWatch(configuration, logRunLength: logRunLength)
        newFields = Self.newFieldsWatch(configuration, logRunLength: logRunLength)
        labelRate = LabelRateWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        times = EventTimeWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        watches = profile.fields.indices.map { field in
            FieldWatch(
                field: field, isKept: true, rate: RateWatch(fixed: configuration.missingTolerance, logRunLength: logRunLength))
        }
        fieldsMet = watches.count
    }

    /// Takes a decoded event. Nearly always returns no alarm.
    ///
    /// - Parameters:
    ///   - isDuplicate: whether the event's id was met shortly before; nil where events have none.
    ///   - input: which partition it is from, counted from 0.
    public mutating func observe(_ row: Int, of batch: ExampleBatch, isDuplicate: Bool? = nil, input: Int = 0) -> [Alarm] {
        let number = sequence
        sequence += 1
        profile.observe(row, of: batch)
        if !rejects.isIdle { _ = rejects.observe(isBad: false, at: number) }
        var alarms: [Alarm] = []
        if let isDuplicate { inspectIdentity(isDuplicate, at: number, &alarms) }
        inspectTime(batch.times[row], input: input, at: number, &alarms)
        if expectedUntil != nil { endExpectationInTime() }
        inspectLabel(batch.labels[row], at: number, &alarms)
        inspectNewFields(at: number, &alarms)
        var damage = inspectFields(at: number, &alarms)
        damage += inspectValues(of: batch, at: number, &alarms)
        inspectWhole(damage: damage, at: number, &alarms)
        return alarms
    }

    private mutating func inspectIdentity(_ isDuplicate: Bool, at number: UInt64, _ alarms: inout [Alarm]) {
        if isDuplicate { duplicates += 1 } else if repeats.isIdle { return }
        guard repeats.observe(isBad: isDuplicate, at: number) else { return }
        alarms += alarm(.duplicates, "duplicates", repeats.detector, at: number) {
            "More than \($0) of the events were there shortly before."
        }
    }

    private mutating func inspectNewFields(at number: UInt64, _ alarms: inout [Alarm]) {
        let isBad = profile.lastEventHadNewField
        guard isBad || !newFields.isIdle, newFields.observe(isBad: isBad, at: number) else { return }
        alarms += alarm(.newFields, DetectorFamily.newFields.rawValue, newFields.detector, at: number) {
            "More than \($0) of the events have fields that none had before."
        }
    }

    private mutating func inspectTime(_ time: Int64, input: Int, at number: UInt64, _ alarms: inout [Alarm]) {
        let findings = times.observe(
            time, input: input, at: number, logRunLength: logRunLength, learningEvents: configuration.learningEvents)
        if !findings.isEmpty { alarms += timeAlarms(findings, at: number) }
    }

    /// An event is broken when a quarter of its usual fields, and three of them at least, are missing or strange.
    private mutating func inspectWhole(damage: Int, at number: UInt64, _ alarms: inout [Alarm]) {
        guard usualFields > 0, damage > 0 || !broken.isIdle else { return }
        let isBroken = damage >= max(min(3, usualFields), usualFields / 4)
        guard broken.observe(isBad: isBroken, at: number) else { return }
        alarms += alarm(.brokenEvents, "broken-events", broken.detector, at: number) {
            "More than \($0) of the events lack many of their fields, or have values there that these never had."
        }
    }

    /// Returns how many fields have a value that they never had.
    private mutating func inspectValues(of batch: ExampleBatch, at number: UInt64, _ alarms: inout [Alarm]) -> Int {
        var strange = 0
        while values.count < min(profile.fields.count, Self.valueWatchLimit) {
            values.append(ValueWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength))
        }
        // One event in four, by a hash: the n-th of several sources that take turns would be the same one for ever.
        let isSampled = (number &* 0x9E37_79B9_7F4A_7C15) >> 62 == 0
        for field in values.indices {
            guard let feature = profile.lastFeature(of: field) else { continue }
            let findings = values[field].observe(
                slot: batch.slots[feature], value: batch.values[feature], at: number, isSampled: isSampled,
                logRunLength: logRunLength, learningEvents: configuration.learningEvents)
            guard !findings.isEmpty else { continue }
            if findings.contains(.isStrange) { strange += 1 }
            alarms += valueAlarms(findings, of: field, at: number)
        }
        return strange
    }

    /// Takes a record that is no example. It says nothing about fields or labels: nobody could read them.
    public mutating func observe(rejected reason: RejectReason) -> [Alarm] {
        let number = sequence
        sequence += 1
        guard rejects.observe(isBad: true, at: number) else { return [] }
        return alarm(.rejectRate, "reject-rate", rejects.detector, at: number) { percent in
            "More than \(percent) of the records are no examples; the last one: \(reason.rawValue)."
        }
    }

    private mutating func inspectLabel(_ label: Float, at number: UInt64, _ alarms: inout [Alarm]) {
        let isConstant = constantLabel.observe(
            label, at: number, task: task, logRunLength: logRunLength, learningEvents: configuration.learningEvents)
        if isConstant { alarms += constantLabelAlarm(label, at: number) }
        guard task == .binary, labelRate.observe(isOne: label == 1, at: number) else { return }
        alarms += alarm(.labelRate, "label-rate", labelRate.stronger, at: number) { _ in
            let band = labelRate.band
            return "The share of label 1 left the band from \(percentage(band.lowerBound)) to \(percentage(band.upperBound))."
        }
    }

    /// Returns how many fields are missing that usually are there.
    private mutating func inspectFields(at number: UInt64, _ alarms: inout [Alarm]) -> Int {
        if fieldsMet < profile.fields.count { meetNewFields() }
        var (hasSettled, missing) = (false, 0)
        for index in watches.indices {
            let isMissing = !profile.lastEventHad(watches[index].field)
            if !isMissing && watches[index].rate.isIdle { continue }
            let wasArmed = watches[index].rate.isArmed
            if isMissing && wasArmed { missing += 1 }
            if watches[index].observe(isMissing: isMissing, at: number) { alarms += missingAlarm(watches[index], at: number) }
            hasSettled =
                hasSettled || watches[index].rate.isArmed != wasArmed
                || isMissing && watches[index].isUnusual(learningEvents: configuration.learningEvents)
        }
        if hasSettled { settleWatches() }
        return missing
    }

    private mutating func meetNewFields() {
        for field in fieldsMet..<profile.fields.count {
            watches.append(FieldWatch(field: field, isKept: false, rate: learningWatch()))
        }
        fieldsMet = profile.fields.count
    }

    /// A watch that learns what is usual before it is armed.
    func learningWatch() -> RateWatch {
        RateWatch(
            floor: configuration.missingTolerance, provisional: nil, learningEvents: configuration.learningEvents,
            logRunLength: logRunLength)
    }

    /// Drops the watches of fields that come and go, and divides the false-alarm budget among the detectors there are now.
    private mutating func settleWatches() {
        let learningEvents = configuration.learningEvents
        watches.removeAll { $0.isUnusual(learningEvents: learningEvents) }
        usualFields = watches.count { $0.rate.isArmed }
        divideBudget()
    }

    mutating func divideBudget() {
        let divided = Self.logRunLength(configuration, fieldDetectors: watches.count { $0.rate.isArmed } + 2 * values.count)
        guard divided != logRunLength else { return }
        logRunLength = divided
        repeats.require(logRunLength: divided)
        newFields.require(logRunLength: divided)
        labelRate.require(logRunLength: divided)
        times.require(logRunLength: divided)
        for index in watches.indices { watches[index].require(logRunLength: divided) }
        for index in values.indices { values[index].require(logRunLength: divided) }
    }

    private static func wholeEventRunLength(_ configuration: InspectionConfiguration) -> Double {
        budget(configuration, fieldDetectors: 0).logRunLength(share: wholeEventShare)
    }

    static func brokenWatch(_ configuration: InspectionConfiguration) -> RateWatch {
        RateWatch(
            floor: brokenTolerance, provisional: nil, learningEvents: configuration.learningEvents,
            logRunLength: wholeEventRunLength(configuration))
    }

    static func repeatsWatch(_ configuration: InspectionConfiguration, logRunLength: Double) -> RateWatch {
        RateWatch(
            floor: repeatsTolerance, provisional: nil, learningEvents: configuration.learningEvents, logRunLength: logRunLength)
    }

    static func newFieldsWatch(_ configuration: InspectionConfiguration, logRunLength: Double) -> RateWatch {
        RateWatch(
            floor: newFieldsTolerance, provisional: nil, learningEvents: configuration.learningEvents, logRunLength: logRunLength)
    }

    /// What the whole-event detectors and those of the model leave is divided equally.
    private static func logRunLength(_ configuration: InspectionConfiguration, fieldDetectors: Int) -> Double {
        let budget = budget(configuration, fieldDetectors: fieldDetectors)
        return budget.logRunLength(share: (1 - 2 * wholeEventShare - modelShare) / Double(budget.detectors))
    }

    private static func budget(_ configuration: InspectionConfiguration, fieldDetectors: Int) -> FalseAlarmBudget {
        FalseAlarmBudget(
            alarmsPerMonth: configuration.falseFreezesPerMonth, eventsPerSecond: configuration.ratePerSecond,
            detectors: max(leastDetectors, fieldDetectors + otherDetectors))
    }
}
