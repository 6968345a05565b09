extension Inspector {
    /// `missing/<path>`, with one slash between them.
    func missingDetector(of watch: FieldWatch) -> String {
        let path = profile.fields[watch.field].name
        return path.hasPrefix("/") ? "missing" + path : "missing/" + path
    }

    func missingAlarm(_ watch: FieldWatch, at number: UInt64) -> [Alarm] {
        alarm(.missing, missingDetector(of: watch), watch.rate.detector, at: number) { percent in
            "More than \(percent) of the events lack the field \(profile.fields[watch.field].name)."
        }
    }

    func constantLabelAlarm(_ label: Float, at number: UInt64) -> [Alarm] {
        let action = configuration.action(of: .constantLabel)
        guard action != .off else { return [] }
        return [
            Alarm(
                detector: DetectorFamily.constantLabel.rawValue, family: .constantLabel, action: action,
                changePoint: constantLabel.runStart, sequence: number, logEvidence: logRunLength, logThreshold: logRunLength,
                sentence: "The last \(constantLabel.runLength) labels were all \(label), where \(constantLabel.limit) are too many.")
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
