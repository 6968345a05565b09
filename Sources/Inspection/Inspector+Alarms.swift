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

    /// As `missing/<path>`, with one slash between them.
    func name(_ family: DetectorFamily, _ field: Int) -> String {
        let path = profile.fields[field].name
        return family.rawValue + (path.hasPrefix("/") ? "" : "/") + path
    }

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
                detector: name, family: family, action: action, changePoint: detector.raisedFrom ?? number, sequence: number,
                logEvidence: detector.logEvidence, logThreshold: detector.logThreshold,
                sentence: sentence(percentage(detector.tolerance)))
        ]
    }

    /// A share in percent with one decimal.
    func percentage(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
