public import Learning

/// Looks at what the model says, where the learner has come to: behind the inspector, which sees the events before they are learnt.
///
/// It is a part of the lane's state like the model itself, and goes back with it.
public struct ModelWatch: Codable, Equatable, Sendable {
    private var loss: LossWatch
    private(set) var hasNonFinite = false
    private let learningEvents: Int

    public init(configuration: InspectionConfiguration) {
        learningEvents = configuration.learningEvents
        loss = LossWatch(learningEvents: learningEvents, logRunLength: Self.logRunLength(configuration))
    }

    /// Takes a prediction that was made before its label was known. Nearly always returns no alarm.
    ///
    /// - Parameter sequence: the event's number, as the inspector counts.
    public mutating func observe(
        prediction: Float, label: Float, task: PredictionTask, at sequence: UInt64, configuration: InspectionConfiguration
    ) -> [Alarm] {
        guard prediction.isFinite else { return nonFinite(at: sequence, configuration) }
        guard loss.observe(prediction: prediction, label: label, task: task, at: sequence) else { return [] }
        let action = configuration.action(of: .loss)
        guard action != .off else { return [] }
        let detector = loss.detector
        return [
            Alarm(
                detector: "loss", family: .loss, action: action, changePoint: detector.raisedFrom ?? sequence, sequence: sequence,
                logEvidence: detector.logEvidence, logThreshold: detector.logThreshold,
                sentence: "The model predicts worse than the mean of the labels does.")
        ]
    }

    /// The first such prediction is one too many: the learner keeps its weights finite, so they were damaged.
    private mutating func nonFinite(at sequence: UInt64, _ configuration: InspectionConfiguration) -> [Alarm] {
        let action = configuration.action(of: .nonFinite)
        guard !hasNonFinite, action != .off else { return [] }
        hasNonFinite = true
        return [
            Alarm(
                detector: "non-finite", family: .nonFinite, action: action, changePoint: sequence, sequence: sequence, logEvidence: 1,
                logThreshold: 1, sentence: "A prediction is no number: the weights are damaged.")
        ]
    }

    /// Whether counting on from here can overflow nothing: to be asked of what was read back.
    public var isSound: Bool { loss.isSound && soundCounts.contains(learningEvents) }

    /// The first event of evidence that is running in a detector that can freeze.
    public func holdFrom(_ configuration: InspectionConfiguration) -> UInt64? {
        configuration.action(of: .loss) == .freeze ? loss.detector.runningSince : nil
    }

    /// Whether a detector that can freeze is above half of its threshold.
    public func isSuspect(_ configuration: InspectionConfiguration) -> Bool {
        configuration.action(of: .loss) == .freeze && loss.detector.isSuspect
    }

    public func detectors(_ configuration: InspectionConfiguration) -> [DetectorStatus] {
        [
            DetectorStatus(
                name: "loss", family: .loss, action: configuration.action(of: .loss), isArmed: loss.isArmed,
                isRaised: loss.detector.isRaised, ratio: loss.detector.ratio, tolerance: loss.detector.tolerance),
            DetectorStatus(
                name: "non-finite", family: .nonFinite, action: configuration.action(of: .nonFinite), isArmed: true,
                isRaised: hasNonFinite, ratio: hasNonFinite ? 1 : 0, tolerance: nil),
        ]
    }

    /// The operator says that this is how the stream is now: what is usual is learnt anew.
    public mutating func accept(_ detectors: [String], _ configuration: InspectionConfiguration) {
        if detectors.contains("loss") { loss = LossWatch(learningEvents: learningEvents, logRunLength: Self.logRunLength(configuration)) }
        if detectors.contains("non-finite") { hasNonFinite = false }
    }

    /// The suspicious events were set aside: the evidence is forgotten.
    public mutating func forget(_ detectors: [String]) {
        if detectors.contains("loss") { loss.forget() }
        if detectors.contains("non-finite") { hasNonFinite = false }
    }

    private static func logRunLength(_ configuration: InspectionConfiguration) -> Double {
        FalseAlarmBudget(alarmsPerMonth: configuration.falseFreezesPerMonth, eventsPerSecond: configuration.ratePerSecond, detectors: 64)
            .logRunLength
    }
}
