import Learning

/// What is read back is checked for consistency, so that no manifest can make the inspector trap.
extension Inspector: Codable {
    private enum CodingKeys: String, CodingKey {
        case configuration, task, sequence, decided, duplicates, profile, rejects, constantLabel, labelRate, broken, repeats, newFields
        case eventTimes, values, watches, fieldsMet, usualFields, logRunLength
        /// Of older builds.
        case times
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(configuration, forKey: .configuration)
        try container.encode(task, forKey: .task)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(decided, forKey: .decided)
        try container.encode(duplicates, forKey: .duplicates)
        try container.encode(profile, forKey: .profile)
        try container.encode(rejects, forKey: .rejects)
        try container.encode(constantLabel, forKey: .constantLabel)
        try container.encode(labelRate, forKey: .labelRate)
        try container.encode(broken, forKey: .broken)
        try container.encode(usualFields, forKey: .usualFields)
        try container.encode(repeats, forKey: .repeats)
        try container.encode(newFields, forKey: .newFields)
        try container.encode(times, forKey: .eventTimes)
        try container.encode(values, forKey: .values)
        try container.encode(watches, forKey: .watches)
        try container.encode(fieldsMet, forKey: .fieldsMet)
        try container.encode(logRunLength, forKey: .logRunLength)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let configuration = try container.decode(InspectionConfiguration.self, forKey: .configuration)
        let task = try container.decode(PredictionTask.self, forKey: .task)
        try configuration.check()
        self.init(configuration: configuration, task: task)
        sequence = try container.decode(UInt64.self, forKey: .sequence)
        // Absent from what older builds wrote.
        decided = try container.decodeIfPresent(UInt64.self, forKey: .decided) ?? 0
        duplicates = try container.decodeIfPresent(UInt64.self, forKey: .duplicates) ?? 0
        profile = try container.decode(Profile.self, forKey: .profile)
        rejects = try container.decode(RateWatch.self, forKey: .rejects)
        constantLabel = try container.decode(ConstantLabelWatch.self, forKey: .constantLabel)
        labelRate = try container.decode(LabelRateWatch.self, forKey: .labelRate)
        broken = try container.decodeIfPresent(RateWatch.self, forKey: .broken) ?? broken
        usualFields = try container.decodeIfPresent(Int.self, forKey: .usualFields) ?? 0
        repeats = try container.decodeIfPresent(RateWatch.self, forKey: .repeats) ?? repeats
        newFields = try container.decodeIfPresent(RateWatch.self, forKey: .newFields) ?? newFields
        if let earlier = try container.decodeIfPresent(EarlierEventTimes.self, forKey: .times) {
            times = EventTimeWatch(earlier, learningEvents: configuration.learningEvents, logRunLength: logRunLength)
        }
        times = try container.decodeIfPresent(EventTimeWatch.self, forKey: .eventTimes) ?? times
        values = try container.decodeIfPresent([ValueWatch].self, forKey: .values) ?? []
        watches = try container.decode([FieldWatch].self, forKey: .watches)
        fieldsMet = try container.decode(Int.self, forKey: .fieldsMet)
        logRunLength = try container.decode(Double.self, forKey: .logRunLength)
        guard isConsistent else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the inspector's watches do not fit its profile"))
        }
    }

    /// Events that no stream has.
    private static let sequenceLimit: UInt64 = 1 << 62

    private var isConsistent: Bool {
        let names = Set(profile.fields.map(\.name))
        return names.count == profile.fields.count && profile.fields.count <= Profile.fieldLimit
            && profile.fields.allSatisfy { $0.since <= profile.events && $0.lastSeen <= profile.events }
            && profile.events <= sequence && sequence <= Self.sequenceLimit && decided <= sequence && profile.isSound
            && [rejects, broken, repeats, newFields].allSatisfy(\.isSound) && constantLabel.isSound && labelRate.isSound
            && duplicates <= profile.events && (0...profile.fields.count).contains(fieldsMet) && logRunLength > 0
            && (0...watches.count).contains(usualFields) && values.count <= profile.fields.count
            && values.allSatisfy(\.isSound) && times.isSound
            && watches.allSatisfy { profile.fields.indices.contains($0.field) && $0.rate.isSound }
    }
}

/// Events, runs and windows as far as a detector may have counted them: far more than there are, and far from what overflows.
let soundCounts = 0...(1 << 48)
