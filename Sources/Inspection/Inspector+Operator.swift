extension Inspector {
    /// Somebody has resumed: what lies before the next event is decided about.
    public mutating func decide() { decided = sequence }

    /// The operator looked and says that this is how the stream is now (resume with replay): the detectors forget their evidence and
    /// learn their bands anew, unarmed until they have. Names that no detector has are ignored.
    public mutating func accept(_ detectors: [String]) {
        let names = Set(detectors)
        if names.contains(DetectorFamily.rejectRate.rawValue) {
            rejects = RateWatch(
                floor: configuration.rejectTolerance, provisional: nil, learningEvents: configuration.learningEvents,
                logRunLength: logRunLength)
        }
        if names.contains(DetectorFamily.constantLabel.rawValue) { constantLabel = ConstantLabelWatch() }
        if names.contains(DetectorFamily.labelRate.rawValue) {
            labelRate = LabelRateWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        }
        if names.contains(DetectorFamily.brokenEvents.rawValue) { broken = Self.brokenWatch(configuration) }
        if names.contains(DetectorFamily.duplicates.rawValue) {
            repeats = Self.repeatsWatch(configuration, logRunLength: logRunLength)
        }
        if names.contains(DetectorFamily.newFields.rawValue) {
            newFields = Self.newFieldsWatch(configuration, logRunLength: logRunLength)
        }
        if names.contains(DetectorFamily.eventTime.rawValue) || names.contains(DetectorFamily.clock.rawValue) {
            times = EventTimeWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        }
        for field in values.indices where ValueWatch.families.contains(where: { names.contains(name($0, field)) }) {
            values[field] = ValueWatch(learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        }
        for index in watches.indices where names.contains(name(.missing, watches[index].field)) {
            watches[index] = FieldWatch(field: watches[index].field, isKept: true, rate: learningWatch())
        }
    }

    /// The suspicious events were set aside (resume with skip): the detectors forget their evidence and keep their bands, so that they
    /// alarm again if it goes on. Names that no detector has are ignored.
    public mutating func forget(_ detectors: [String]) {
        let names = Set(detectors)
        forget { names.contains($0) }
    }

    /// Goes on with other settings. Bands and evidence stay, except that a family whose action changes starts without evidence: what
    /// was raised while it was `off` is to be raised again when it can freeze. New tolerances and required fields hold from the next
    /// `accept` or a fresh start on. A change that is announced stays so.
    public mutating func configure(_ configuration: InspectionConfiguration) {
        var configuration = configuration
        configuration.expectedUntil = expectedUntil
        let changed = DetectorFamily.allCases.filter { self.configuration.action(of: $0) != configuration.action(of: $0) }
        self.configuration = configuration
        let families = changed.map(\.rawValue)
        forget { name in families.contains { name == $0 || name.hasPrefix($0 + "/") } }
        divideBudget()
    }

    private mutating func forget(where isMeant: (String) -> Bool) {
        if isMeant(DetectorFamily.rejectRate.rawValue) { rejects.forget() }
        if isMeant(DetectorFamily.constantLabel.rawValue) { constantLabel.forget() }
        if isMeant(DetectorFamily.labelRate.rawValue) { labelRate.forget() }
        if isMeant(DetectorFamily.brokenEvents.rawValue) { broken.forget() }
        if isMeant(DetectorFamily.duplicates.rawValue) { repeats.forget() }
        if isMeant(DetectorFamily.newFields.rawValue) { newFields.forget() }
        if isMeant(DetectorFamily.eventTime.rawValue) || isMeant(DetectorFamily.clock.rawValue) { times.forget() }
        for index in watches.indices where isMeant(name(.missing, watches[index].field)) { watches[index].forget() }
        for field in values.indices where ValueWatch.families.contains(where: { isMeant(name($0, field)) }) { values[field].forget() }
    }
}
