extension Inspector {
    func missingAlarm(_ watch: FieldWatch, at number: UInt64) -> [Alarm] {
        alarm(.missing, name(.missing, watch.field), watch.rate.detector, at: number) { percent in
            "More than \(percent) of the events lack the field \(profile.fields[watch.field].name)."
        }
    }

    func constantLabelAlarm(_ label: Float, at number: UInt64) -> [Alarm] {
        alarm(
            .constantLabel, DetectorFamily.constantLabel.rawValue, from: constantLabel.runStart, at: number, evidence: logRunLength,
            threshold: logRunLength,
            "The last \(constantLabel.runLength) labels were all \(label), where \(constantLabel.limit) are too many.")
    }

    func timeAlarms(_ findings: EventTimeWatch.Findings, at number: UInt64) -> [Alarm] {
        var alarms: [Alarm] = []
        if findings.contains(.late) {
            alarms += alarm(.eventTime, DetectorFamily.eventTime.rawValue, times.late.detector, at: number) {
                "More than \($0) of the events are older than those before them by more than is usual."
            }
        }
        if findings.contains(.early) {
            alarms += alarm(.clock, DetectorFamily.clock.rawValue, times.early.detector, at: number) {
                "More than \($0) of the events are ahead of those before them by more than is usual."
            }
        }
        if findings.contains(.leapt) {
            // Nothing is wrong with events that go on from there: a freeze would have nothing to wait for.
            alarms += clockAlarm(
                at: number, "The event times leapt ahead by \(times.distance / 1_000) s: a pause of the feed, or a wrong clock."
            ).map(\.asAlert)
        }
        if findings.contains(.stuck) { alarms += clockAlarm(at: number, "The event times stand still.") }
        return alarms
    }

    private func clockAlarm(at number: UInt64, _ sentence: String) -> [Alarm] {
        alarm(
            .clock, DetectorFamily.clock.rawValue, from: times.start, at: number, evidence: logRunLength, threshold: logRunLength, sentence)
    }

    func valueAlarms(_ findings: ValueWatch.Findings, of field: Int, at number: UInt64) -> [Alarm] {
        let (watch, path) = (values[field], profile.fields[field].name)
        var alarms: [Alarm] = []
        if findings.contains(.strange) {
            alarms += alarm(.strange, name(.strange, field), watch.strange.detector, at: number) {
                "More than \($0) of the values of \(path) are of a magnitude or a category that it never had."
            }
        }
        if findings.contains(.stuck) {
            alarms += alarm(
                .stuck, name(.stuck, field), from: watch.run.runStart, at: number, evidence: logRunLength, threshold: logRunLength,
                "The field \(path) had the same value \(watch.run.runLength) times in a row, where \(watch.run.limit) are too many.")
        }
        if findings.contains(.replaced) {
            alarms += alarm(
                .replaced, name(.replaced, field), from: watch.shift.start, at: number, evidence: watch.shift.index,
                threshold: watch.shift.limit,
                "Few of the usual values of \(path) are left: a stability index of \(rounded(watch.shift.index)).")
        }
        if findings.contains(.shifted) {
            alarms += alarm(
                .shift, name(.shift, field), from: watch.shift.start, at: number, evidence: watch.shift.index, threshold: watch.shift.limit,
                "The values of \(path) are distributed otherwise than they used to be: a stability index of \(rounded(watch.shift.index)), "
                    + "where \(rounded(watch.shift.limit)) is too much.")
        }
        return alarms
    }

    func name(_ family: DetectorFamily, _ field: Int) -> String { family.name(of: profile.fields[field].name) }

    func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

    /// The alarm of a detector that counts something else than evidence; none if the policy says `off`.
    private func alarm(
        _ family: DetectorFamily, _ name: String, from start: UInt64, at number: UInt64, evidence: Double, threshold: Double,
        _ sentence: String
    ) -> [Alarm] {
        let action = configuration.action(of: family)
        guard action != .off else { return [] }
        return [
            Alarm(
                detector: name, family: family, action: action, changePoint: start, sequence: number, logEvidence: evidence,
                logThreshold: threshold, sentence: sentence)
        ]
    }

    /// The alarm of a detector that was raised just now; none if the policy says `off`.
    func alarm(
        _ family: DetectorFamily, _ name: String, _ detector: EDetector, at number: UInt64, sentence: (String) -> String
    ) -> [Alarm] {
        let action = configuration.action(of: family)
        guard action != .off else { return [] }
        return [
            Alarm(
                detector: name, family: family, action: action, changePoint: detector.changePoint(decided: decided) ?? number,
                sequence: number,
                logEvidence: detector.logEvidence, logThreshold: detector.logThreshold,
                sentence: sentence(percentage(detector.tolerance)))
        ]
    }

    /// A share in percent with one decimal.
    func percentage(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
