public import Learning

/// Looks at what the model says, where the learner has come to: behind the inspector, which sees the events before they are learnt.
///
/// It is a part of the lane's state like the model itself, and goes back with it.
public struct ModelWatch: Codable, Equatable, Sendable {
    private var loss: LossWatch
    private var labels: LabelWatch
    private var predictions = PredictionWatch()
    private var novelty = NoveltyWatch()
    private(set) var hasNonFinite = false
    private let learningEvents: Int
    /// Four that look at every prediction, and the fields.
    private static let detectors = 4 + NoveltyWatch.fieldLimit

    private enum CodingKeys: String, CodingKey { case loss, labels, predictions, novelty, hasNonFinite, learningEvents }

    public init(configuration: InspectionConfiguration) {
        learningEvents = configuration.learningEvents
        loss = LossWatch(learningEvents: learningEvents, logRunLength: Self.logRunLength(configuration))
        labels = LabelWatch(logRunLength: Self.logRunLength(configuration))
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        learningEvents = try container.decode(Int.self, forKey: .learningEvents)
        loss = try container.decode(LossWatch.self, forKey: .loss)
        hasNonFinite = try container.decode(Bool.self, forKey: .hasNonFinite)
        // Absent from what older builds wrote.
        labels = try container.decodeIfPresent(LabelWatch.self, forKey: .labels) ?? LabelWatch(logRunLength: loss.detector.logThreshold)
        predictions = try container.decodeIfPresent(PredictionWatch.self, forKey: .predictions) ?? PredictionWatch()
        novelty = try container.decodeIfPresent(NoveltyWatch.self, forKey: .novelty) ?? NoveltyWatch()
    }

    /// Takes a prediction that was made before its label was known. Nearly always returns no alarm.
    ///
    /// - Parameters:
    ///   - isLimited: whether the influence budget cut the update that followed.
    ///   - sequence: the event's number, as the inspector counts.
    ///   - decided: the inspector's.
    public mutating func observe(
        prediction: Float, label: Float, isLimited: Bool = false, task: PredictionTask, at sequence: UInt64, decided: UInt64 = 0,
        configuration: InspectionConfiguration
    ) -> [Alarm] {
        let circumstances = Circumstances(configuration: configuration, decided: decided, sequence: sequence)
        var alarms: [Alarm] = []
        func note(_ alarm: Alarm?) { if let alarm { alarms.append(alarm) } }
        guard prediction.isFinite else {
            note(nonFinite(circumstances))
            return alarms
        }
        if loss.observe(prediction: prediction, label: label, task: task, at: sequence) {
            note(circumstances.alarm(.loss, loss.detector, "The model predicts worse than the mean of the labels does."))
        }
        if task == .binary {
            let findings = labels.observe(prediction: prediction, label: label, at: sequence, learningEvents: learningEvents)
            if !findings.isEmpty { alarms += labelAlarms(findings, circumstances) }
        }
        let findings = predictions.observe(prediction: prediction, label: label, isLimited: isLimited, task: task, at: sequence)
        if !findings.isEmpty { alarms += predictionAlarms(findings, circumstances) }
        return alarms
    }

    /// Takes a category of an event, before it is learnt. Nearly always returns no alarm.
    ///
    /// - Parameters:
    ///   - isNovel: whether the model never learnt it.
    ///   - field: its position in the profile.
    ///   - sequence: the event's number, as the inspector counts.
    ///   - decided: the inspector's.
    public mutating func observe(
        isNovel: Bool, field: Int, of profile: borrowing Profile, at sequence: UInt64, decided: UInt64 = 0,
        configuration: InspectionConfiguration
    ) -> Alarm? {
        let isRaised = novelty.observe(
            isNovel: isNovel, field: field, at: sequence, learningEvents: learningEvents, logRunLength: logRunLength)
        guard isRaised else { return nil }
        let path = profile.fields[field].name
        return Circumstances(configuration: configuration, decided: decided, sequence: sequence).alarm(
            .unseen, novelty.fields[field].detector, named: DetectorFamily.unseen.name(of: path),
            "Many of the values of \(path) are none that was ever learnt.")
    }

    /// The first such prediction is one too many: the learner keeps its weights finite, so they were damaged.
    private mutating func nonFinite(_ circumstances: Circumstances) -> Alarm? {
        guard !hasNonFinite else { return nil }
        let alarm = circumstances.alarm(.nonFinite, from: circumstances.sequence, "A prediction is no number: the weights are damaged.")
        hasNonFinite = alarm != nil
        return alarm
    }

    private func labelAlarms(_ findings: LabelWatch.Findings, _ circumstances: Circumstances) -> [Alarm] {
        func alarm(_ finding: LabelWatch.Findings, _ family: DetectorFamily, _ detector: EDetector, _ sentence: String) -> Alarm? {
            findings.contains(finding) ? circumstances.alarm(family, detector, sentence) : nil
        }
        return [
            alarm(.contradicted, .labelFlip, labels.contradiction, "The labels say the opposite of what the model predicts."),
            alarm(.overturned, .labelFlip, labels.majority, "What was one label in ten, or fewer, has become most of them."),
            alarm(.detached, .labelNoise, labels.detachment, "The labels have nothing to do with what the model predicts."),
        ].compactMap(\.self)
    }

    private func predictionAlarms(_ findings: PredictionWatch.Findings, _ circumstances: Circumstances) -> [Alarm] {
        func alarm(_ finding: PredictionWatch.Findings, _ family: DetectorFamily, _ sentence: @autoclosure () -> String) -> Alarm? {
            findings.contains(finding) ? circumstances.alarm(family, from: predictions.changePoint, sentence()) : nil
        }
        return [
            alarm(
                .uncalibrated, .calibration,
                "Of 2048 events \(predictions.actual.rounded()) had label 1, where \(predictions.expected.rounded()) were predicted."),
            alarm(.collapsed, .predictions, "The predictions vary less than a hundredth of what they used to."),
            alarm(.limited, .updates, "The influence budget cuts four times as many updates as it used to: the gradients have grown."),
        ].compactMap(\.self)
    }
}

/// What an alarm about the model is given under.
private struct Circumstances {
    var configuration: InspectionConfiguration
    var decided: UInt64
    /// The number of the event.
    var sequence: UInt64

    func alarm(_ family: DetectorFamily, _ detector: EDetector, named name: String? = nil, _ sentence: String) -> Alarm? {
        alarm(
            family, named: name, from: detector.changePoint(decided: decided) ?? sequence, evidence: detector.logEvidence,
            threshold: detector.logThreshold, sentence)
    }

    /// nil where the policy is `off`.
    func alarm(
        _ family: DetectorFamily, named name: String? = nil, from changePoint: UInt64, evidence: Double = 1, threshold: Double = 1,
        _ sentence: String
    ) -> Alarm? {
        let action = configuration.action(of: family)
        guard action != .off else { return nil }
        return Alarm(
            detector: name ?? family.rawValue, family: family, action: action, changePoint: changePoint, sequence: sequence,
            logEvidence: evidence, logThreshold: threshold, sentence: sentence)
    }
}

extension ModelWatch {
    /// Whether counting on from here can overflow nothing: to be asked of what was read back.
    public var isSound: Bool {
        loss.isSound && labels.isSound && predictions.isSound && novelty.isSound && soundCounts.contains(learningEvents)
    }

    /// The first event that is in doubt by evidence that is running in a detector that can freeze.
    public func doubtedFrom(_ configuration: InspectionConfiguration) -> UInt64? {
        var earliest: UInt64?
        func note(_ start: UInt64?) { if let start { earliest = min(earliest ?? start, start) } }
        visitFreezing(configuration) { note($0.doubtedFrom) }
        if Self.blockFamilies.contains(where: { configuration.action(of: $0) == .freeze }) { note(predictions.unjudgedFrom) }
        return earliest
    }

    /// What `PredictionWatch` finds, a block at a time.
    private static let blockFamilies: [DetectorFamily] = [.calibration, .predictions, .updates]

    /// Whether a detector that can freeze is above half of its threshold.
    public func isSuspect(_ configuration: InspectionConfiguration) -> Bool {
        var isSuspect = false
        visitFreezing(configuration) { isSuspect = isSuspect || $0.isSuspect }
        return isSuspect
    }

    private func eDetectors(of task: PredictionTask) -> [(family: DetectorFamily, detector: EDetector, isArmed: Bool)] {
        let all = [(DetectorFamily.loss, loss.detector, loss.isArmed)]
        guard task == .binary else { return all }
        let isArmed = labels.isArmed(learningEvents: learningEvents)
        return all + [(.labelFlip, labels.stronger, isArmed), (.labelNoise, labels.detachment, isArmed)]
    }

    private func visitFreezing(_ configuration: InspectionConfiguration, _ body: (EDetector) -> Void) {
        func show(_ family: DetectorFamily, _ detector: EDetector) {
            if !detector.isAtRest, configuration.action(of: family) == .freeze { body(detector) }
        }
        show(.loss, loss.detector)
        show(.labelFlip, labels.stronger)
        show(.labelNoise, labels.detachment)
        for field in novelty.fields { show(.unseen, field.detector) }
    }

    /// How every detector stands, `off` ones included.
    ///
    /// - Parameter profile: has the fields' names.
    public func detectors(_ configuration: InspectionConfiguration, _ profile: Profile, task: PredictionTask) -> [DetectorStatus] {
        func status(
            _ family: DetectorFamily, named name: String? = nil, isArmed: Bool, isRaised: Bool, ratio: Double? = nil,
            tolerance: Double? = nil
        ) -> DetectorStatus {
            DetectorStatus(
                name: name ?? family.rawValue, family: family, action: configuration.action(of: family), isArmed: isArmed,
                isRaised: isRaised,
                ratio: ratio ?? (isRaised ? 1 : 0), tolerance: tolerance)
        }
        var all = eDetectors(of: task).map { family, detector, isArmed in
            status(family, isArmed: isArmed, isRaised: detector.isRaised, ratio: detector.ratio, tolerance: detector.tolerance)
        }
        if task == .binary {
            all.append(status(.calibration, isArmed: predictions.isArmed, isRaised: predictions.isRaised(.uncalibrated)))
        }
        return all + [
            status(.predictions, isArmed: predictions.isArmed, isRaised: predictions.isRaised(.collapsed)),
            status(.updates, isArmed: predictions.isArmed, isRaised: predictions.isRaised(.limited)),
            status(.nonFinite, isArmed: true, isRaised: hasNonFinite),
        ]
            + zip(novelty.fields, profile.fields).map { watch, field in
                status(
                    .unseen, named: DetectorFamily.unseen.name(of: field.name), isArmed: watch.isArmed, isRaised: watch.detector.isRaised,
                    ratio: watch.detector.ratio, tolerance: watch.detector.tolerance)
            }
    }

    /// Goes on with other settings. The evidence stays, except that of a family whose action changes, as with the inspector.
    ///
    /// - Parameter earlier: the settings so far.
    public mutating func configure(_ configuration: InspectionConfiguration, insteadOf earlier: InspectionConfiguration, _ profile: Profile)
    {
        let changed = DetectorFamily.allCases.filter { configuration.action(of: $0) != earlier.action(of: $0) }
        forget(changed.map(\.rawValue), profile)
        if changed.contains(.unseen) { for field in novelty.fields.indices { novelty.forget(field) } }
        let logRunLength = Self.logRunLength(configuration)
        loss.require(logRunLength: logRunLength)
        labels.require(logRunLength: logRunLength)
        novelty.require(logRunLength: logRunLength)
    }

    /// The operator says that this is how the stream is now: what is usual is learnt anew.
    public mutating func accept(_ detectors: [String], _ configuration: InspectionConfiguration, _ profile: Profile) {
        let fresh = ModelWatch(configuration: configuration)
        if Self.names(.loss, in: detectors) { loss = fresh.loss }
        if Self.names(.labelFlip, in: detectors) || Self.names(.labelNoise, in: detectors) { labels.accept(logRunLength: logRunLength) }
        if Self.namesPredictions(in: detectors) { predictions = fresh.predictions }
        for field in unseen(in: detectors, profile) {
            novelty.accept(field, learningEvents: learningEvents, logRunLength: logRunLength)
        }
        if Self.names(.nonFinite, in: detectors) { hasNonFinite = false }
    }

    /// The suspicious events were set aside: the evidence is forgotten.
    public mutating func forget(_ detectors: [String], _ profile: Profile) {
        if Self.names(.loss, in: detectors) { loss.forget() }
        if Self.names(.labelFlip, in: detectors) || Self.names(.labelNoise, in: detectors) { labels.forget() }
        if Self.namesPredictions(in: detectors) { predictions.forget() }
        for field in unseen(in: detectors, profile) { novelty.forget(field) }
        if Self.names(.nonFinite, in: detectors) { hasNonFinite = false }
    }

    private static func names(_ family: DetectorFamily, in detectors: [String]) -> Bool { detectors.contains(family.rawValue) }

    private static func namesPredictions(in detectors: [String]) -> Bool {
        blockFamilies.contains { names($0, in: detectors) }
    }

    private func unseen(in detectors: [String], _ profile: Profile) -> [Int] {
        novelty.fields.indices.filter { field in
            profile.fields.indices.contains(field) && detectors.contains(DetectorFamily.unseen.name(of: profile.fields[field].name))
        }
    }

    private var logRunLength: Double { loss.detector.logThreshold }

    /// The share of the false alarms that is the model's is divided equally.
    private static func logRunLength(_ configuration: InspectionConfiguration) -> Double {
        FalseAlarmBudget(alarmsPerMonth: configuration.falseFreezesPerMonth, eventsPerSecond: configuration.ratePerSecond)
            .logRunLength(share: Inspector.modelShare / Double(detectors))
    }
}
