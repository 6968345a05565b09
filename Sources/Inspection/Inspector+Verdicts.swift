import Learning

/// What there is against the stream, as one detector sees it.
private struct Evidence {
    /// The first event of evidence worth holding anything back for.
    var runningSince: UInt64?
    /// The first event of any evidence.
    var doubtedFrom: UInt64?
    /// Above half of what an alarm takes.
    var isSuspect: Bool
    /// In units of what an alarm takes.
    var ratio: Double
    var isArmed: Bool
    var isRaised: Bool
    var tolerance: Double?

    init(_ detector: EDetector, isArmed: Bool) {
        (runningSince, isSuspect, ratio) = (detector.runningSince, detector.isSuspect, detector.ratio)
        doubtedFrom = [detector.runningSince, detector.doubtedFrom].compactMap(\.self).min()
        (self.isArmed, isRaised, tolerance) = (isArmed, detector.isRaised, detector.tolerance)
    }

    init(ratio: Double, from start: UInt64, isArmed: Bool, isRaised: Bool) {
        (runningSince, isSuspect, self.ratio) = (ratio >= 0.25 ? start : nil, ratio >= 0.5, ratio)
        (self.isArmed, self.isRaised, doubtedFrom) = (isArmed, isRaised, runningSince)
    }
}

extension Inspector {
    /// The number of the first event of the earliest evidence that is running in a detector that can freeze; nil when all is calm.
    ///
    /// The learner must not pass it before a whole window of events has been inspected behind it.
    public var holdFrom: UInt64? {
        var earliest: UInt64?
        visitRunning { if let start = $0.runningSince { earliest = min(earliest ?? start, start) } }
        return earliest
    }

    /// The number of the first event that is in doubt: a version that holds it is not to be served before the evidence has died down,
    /// however little there is.
    public var doubtedFrom: UInt64? {
        var earliest: UInt64?
        visitRunning { if let start = $0.doubtedFrom { earliest = min(earliest ?? start, start) } }
        return earliest
    }

    /// Whether a detector that can freeze is above half of its threshold: versions are written, not cleared.
    public var isSuspect: Bool {
        var isSuspect = false
        visitRunning { isSuspect = isSuspect || $0.isSuspect }
        return isSuspect
    }

    /// How the detectors that can freeze stand, for one who waits until an incident is over. Evidence is complete from 99 hundredths on: what
    /// is cut at the threshold is not exactly there.
    public var unrest: Unrest {
        var unrest = Unrest.calm
        visitRunning { evidence in
            if evidence.ratio >= 0.99 {
                unrest = .alarming
            } else if evidence.isRaised || evidence.isSuspect, unrest == .calm {
                unrest = .uneasy
            }
        }
        return unrest
    }

    /// How every detector stands, `off` ones included.
    public var detectors: [DetectorStatus] {
        var all: [DetectorStatus] = []
        visit { family, field, evidence in
            all.append(
                DetectorStatus(
                    name: field.map { name(family, $0) } ?? family.rawValue, family: family, action: configuration.action(of: family),
                    isArmed: evidence.isArmed, isRaised: evidence.isRaised, ratio: evidence.ratio, tolerance: evidence.tolerance))
        }
        return all
    }

    /// Whether an alarm of the detector is still on: it calms down by itself once the events are good again for long enough.
    public func isRaised(_ detector: String) -> Bool {
        detectors.contains { $0.name == detector && $0.isRaised }
    }

    /// The detectors that can freeze and have any evidence.
    private func visitRunning(_ body: (Evidence) -> Void) {
        visit(onlyRunning: true) { family, _, evidence in if configuration.action(of: family) == .freeze { body(evidence) } }
    }

    private func visit(onlyRunning: Bool = false, _ body: (DetectorFamily, Int?, Evidence) -> Void) {
        func show(_ family: DetectorFamily, _ field: Int?, _ watch: RateWatch) {
            if !onlyRunning || !watch.detector.isAtRest { body(family, field, Evidence(watch.detector, isArmed: watch.isArmed)) }
        }
        show(.rejectRate, nil, rejects)
        body(
            .constantLabel, nil,
            Evidence(
                ratio: constantLabel.ratio, from: constantLabel.runStart,
                isArmed: constantLabel.isArmed(task: task, learningEvents: configuration.learningEvents), isRaised: constantLabel.isRaised))
        if task == .binary { body(.labelRate, nil, Evidence(labelRate.stronger, isArmed: labelRate.isArmed)) }
        show(.brokenEvents, nil, broken)
        show(.duplicates, nil, repeats)
        show(.newFields, nil, newFields)
        show(.eventTime, nil, times.late)
        showClock(onlyRunning: onlyRunning, body)
        for watch in watches { show(.missing, watch.field, watch.rate) }
        for (field, watch) in values.enumerated() { visitValues(of: watch, field, onlyRunning: onlyRunning, show: show, body) }
    }

    /// The evidence for early events or that for a clock that stands still, whichever is more.
    private func showClock(onlyRunning: Bool, _ body: (DetectorFamily, Int?, Evidence) -> Void) {
        let early = times.early
        if let stuck = times.stuck, stuck.ratio > early.detector.ratio {
            body(.clock, nil, Evidence(ratio: stuck.ratio, from: stuck.start, isArmed: true, isRaised: stuck.ratio >= 1))
        } else if !onlyRunning || !early.detector.isAtRest {
            body(.clock, nil, Evidence(early.detector, isArmed: early.isArmed))
        }
    }

    private func visitValues(
        of watch: ValueWatch, _ field: Int, onlyRunning: Bool, show: (DetectorFamily, Int?, RateWatch) -> Void,
        _ body: (DetectorFamily, Int?, Evidence) -> Void
    ) {
        if watch.tellsStrange { show(.strange, field, watch.strange) }
        if !onlyRunning || watch.run.ratio > 0 {
            body(
                .stuck, field,
                Evidence(
                    ratio: watch.run.ratio, from: watch.run.runStart,
                    isArmed: watch.run.isArmed(learningEvents: configuration.learningEvents), isRaised: watch.run.isRaised))
        }
        guard !onlyRunning || watch.shift.ratio > 0 else { return }
        body(
            .shift, field,
            Evidence(ratio: watch.shift.ratio, from: watch.shift.start, isArmed: watch.shift.isArmed, isRaised: watch.shift.isRaised))
        body(
            .replaced, field,
            Evidence(
                ratio: watch.shift.grossRatio, from: watch.shift.start, isArmed: watch.shift.isSteady,
                isRaised: watch.shift.isRaised && watch.shift.grossRatio >= 1))
    }
}
