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
    /// Detectors beside those of the fields.
    private static let otherDetectors = 3
    /// The share of rejected records that a stream may begin with before the band is learnt.
    private static let provisionalRejectTolerance = 0.1

    public internal(set) var configuration: InspectionConfiguration
    public let task: PredictionTask
    /// Events observed so far, rejected ones included: the number of the next event.
    public internal(set) var sequence: UInt64 = 0
    /// Examples whose id the owner had met shortly before, of as many as were observed. It says nothing against them: producers that deliver
    /// at least once repeat themselves, and the model learns what it is given.
    public var duplicates: UInt64 = 0
    /// The reference for "normal". The owner adds predictions to it.
    public var profile: Profile

    var rejects: RateWatch
    var constantLabel = ConstantLabelWatch()
    var labelRate: LabelRateWatch
    /// The fields that are watched or may come to be, in the order of the profile.
    var watches: [FieldWatch] = []
    /// How many of the profile's fields were considered for a watch.
    var fieldsMet = 0
    /// ln c of each detector.
    var logRunLength: Double

    public init(configuration: InspectionConfiguration, task: PredictionTask) {
        self.configuration = configuration
        self.task = task
        profile = Profile(expecting: configuration.required)
        logRunLength = Self.logRunLength(configuration, armedFields: configuration.required.count)
        rejects = RateWatch(
            floor: configuration.rejectTolerance, provisional: max(configuration.rejectTolerance, Self.provisionalRejectTolerance),
            learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        labelRate = LabelRateWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        watches = profile.fields.indices.map { field in
            FieldWatch(
                field: field, isKept: true, rate: RateWatch(fixed: configuration.missingTolerance, logRunLength: logRunLength))
        }
        fieldsMet = watches.count
    }

    /// Takes a decoded event. Nearly always returns no alarm.
    public mutating func observe(_ row: Int, of batch: ExampleBatch, isDuplicate: Bool = false) -> [Alarm] {
        let number = sequence
        sequence += 1
        if isDuplicate { duplicates += 1 }
        profile.observe(row, of: batch)
        if !rejects.isIdle { _ = rejects.observe(isBad: false, at: number) }
        var alarms: [Alarm] = []
        inspectLabel(batch.labels[row], at: number, &alarms)
        inspectFields(at: number, &alarms)
        return alarms
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

    private mutating func inspectFields(at number: UInt64, _ alarms: inout [Alarm]) {
        if fieldsMet < profile.fields.count { meetNewFields() }
        var hasSettled = false
        for index in watches.indices {
            let isMissing = !profile.lastEventHad(watches[index].field)
            if !isMissing && watches[index].rate.isIdle { continue }
            let wasArmed = watches[index].rate.isArmed
            if watches[index].observe(isMissing: isMissing, at: number) { alarms += missingAlarm(watches[index], at: number) }
            hasSettled =
                hasSettled || watches[index].rate.isArmed != wasArmed
                || isMissing && watches[index].isUnusual(learningEvents: configuration.learningEvents)
        }
        if hasSettled { settleWatches() }
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
        divideBudget()
    }

    mutating func divideBudget() {
        let armedFields = watches.count { $0.rate.isArmed }
        let divided = Self.logRunLength(configuration, armedFields: armedFields)
        guard divided != logRunLength else { return }
        logRunLength = divided
        rejects.require(logRunLength: divided)
        labelRate.require(logRunLength: divided)
        for index in watches.indices { watches[index].require(logRunLength: divided) }
    }

    private static func logRunLength(_ configuration: InspectionConfiguration, armedFields: Int) -> Double {
        let budget = FalseAlarmBudget(
            alarmsPerMonth: configuration.falseFreezesPerMonth, eventsPerSecond: configuration.ratePerSecond,
            detectors: max(leastDetectors, armedFields + otherDetectors))
        return budget.logRunLength
    }
}
