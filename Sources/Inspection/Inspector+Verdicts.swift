import Learning

extension Inspector {
    /// The number of the first event of the earliest evidence that is running in a detector that can freeze; nil when all is calm.
    ///
    /// The learner must not pass it before a whole window of events has been inspected behind it.
    public var holdFrom: UInt64? {
        var earliest: UInt64?
        func hold(_ family: DetectorFamily, _ start: UInt64?) {
            guard let start, configuration.action(of: family) == .freeze else { return }
            earliest = min(earliest ?? start, start)
        }
        hold(.rejectRate, rejects.detector.runningSince)
        hold(.constantLabel, constantLabel.ratio >= 0.25 ? constantLabel.runStart : nil)
        hold(.labelRate, labelRate.high.runningSince)
        hold(.labelRate, labelRate.low.runningSince)
        if configuration.action(of: .missing) == .freeze {
            for watch in watches where !watch.rate.detector.isAtRest { hold(.missing, watch.rate.detector.runningSince) }
        }
        return earliest
    }

    /// Whether a detector that can freeze is above half of its threshold: versions are written, not cleared.
    public var isSuspect: Bool {
        func counts(_ family: DetectorFamily) -> Bool { configuration.action(of: family) == .freeze }
        if counts(.rejectRate) && rejects.detector.isSuspect { return true }
        if counts(.constantLabel) && constantLabel.ratio >= 0.5 { return true }
        if counts(.labelRate) && labelRate.stronger.isSuspect { return true }
        return counts(.missing) && watches.contains { $0.rate.detector.isSuspect }
    }

    /// How every detector stands, `off` ones included.
    public var detectors: [DetectorStatus] {
        var all = [
            status("reject-rate", .rejectRate, rejects.detector, isArmed: rejects.isArmed),
            DetectorStatus(
                name: "constant-label", family: .constantLabel, action: configuration.action(of: .constantLabel),
                isArmed: constantLabel.isArmed(task: task, learningEvents: configuration.learningEvents), isRaised: constantLabel.isRaised,
                ratio: constantLabel.ratio, tolerance: nil),
        ]
        if task == .binary { all.append(labelRateStatus) }
        all += watches.map { status(missingDetector(of: $0), .missing, $0.rate.detector, isArmed: $0.rate.isArmed) }
        return all
    }

    /// Whether an alarm of the detector is still on: it calms down by itself once the events are good again for long enough.
    public func isRaised(_ detector: String) -> Bool {
        detectors.contains { $0.name == detector && $0.isRaised }
    }

    private var labelRateStatus: DetectorStatus {
        status("label-rate", .labelRate, labelRate.stronger, isArmed: labelRate.isArmed)
    }

    private func status(_ name: String, _ family: DetectorFamily, _ detector: EDetector, isArmed: Bool) -> DetectorStatus {
        DetectorStatus(
            name: name, family: family, action: configuration.action(of: family), isArmed: isArmed, isRaised: detector.isRaised,
            ratio: detector.ratio, tolerance: detector.tolerance)
    }
}
