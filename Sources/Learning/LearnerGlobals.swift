/// Everything of a learner's state that lies outside its slots: with the pages it is all that a restore needs.
///
/// It can only be made fresh, by a learner, or by decoding, which checks it; so it is always usable.
public struct LearnerGlobals: Equatable, Sendable {
    /// Examples learnt from.
    public internal(set) var examples: UInt64 = 0
    /// Feature values that were not finite and left out, or so far from their running mean that they counted as nearer.
    public internal(set) var clippedValues: UInt64 = 0
    /// Importance weights cut to 100 times their running mean or to 1,000,000, and examples left out because theirs was no weight.
    public internal(set) var clippedWeights: UInt64 = 0
    /// Labels moved into [0, 1] (binary) or towards their running mean (regression), and examples left out for a non-finite one.
    public internal(set) var clippedLabels: UInt64 = 0
    /// Updates made smaller: so that the event's own margin would not move by more than the influence bound, or, in a regression, for a
    /// residual of more than 20 deviations.
    public internal(set) var limitedUpdates: UInt64 = 0

    /// How many lanes share the stream that this learner learns from (`FTRLParameters.ofOne(of:)`).
    public internal(set) var lanes: UInt16 = 1

    var intercept = Slot()
    /// Mean importance weight after clipping; starts as one event of weight 1.
    var weightMean = 1.0
    /// The label's running scale; regression only.
    var label = RunningScale()
    var numbers = NumberScales()

    /// The state before the first example.
    public init() {}

    /// How many numeric features have a running scale.
    public var scaledNumbers: Int { numbers.entries.count }

    /// Little-endian words of all of it, for the digest.
    var digestBytes: [UInt8] {
        var words = [examples, clippedValues, clippedWeights, clippedLabels, limitedUpdates]
        words += [UInt64(intercept.z.bitPattern), UInt64(intercept.n.bitPattern), weightMean.bitPattern]
        label.appendWords(to: &words)
        words.append(UInt64(numbers.entries.count))
        for entry in numbers.entries {
            words.append(UInt64(entry.slot))
            entry.scale.appendWords(to: &words)
        }
        // The only learner of a stream has the digest it always had.
        if lanes > 1 { words.append(UInt64(lanes)) }
        return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) } }
    }
}

extension LearnerGlobals: Codable {
    private enum CodingKeys: String, CodingKey {
        case lanes, examples, clippedValues, clippedWeights, clippedLabels, limitedUpdates
        case interceptZ, interceptN, weightMean, label, numbers
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lanes = max(1, try container.decode(UInt16.self, forKey: .lanes))
        examples = try container.decode(UInt64.self, forKey: .examples)
        clippedValues = try container.decode(UInt64.self, forKey: .clippedValues)
        clippedWeights = try container.decode(UInt64.self, forKey: .clippedWeights)
        clippedLabels = try container.decode(UInt64.self, forKey: .clippedLabels)
        limitedUpdates = try container.decode(UInt64.self, forKey: .limitedUpdates)
        intercept.z = try container.decode(Float.self, forKey: .interceptZ)
        intercept.n = try container.decode(Float.self, forKey: .interceptN)
        weightMean = try container.decode(Double.self, forKey: .weightMean)
        label = try container.decode(RunningScale.self, forKey: .label)
        numbers = try container.decode(NumberScales.self, forKey: .numbers)
        guard intercept.isValid, weightMean.isFinite, weightMean > 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .interceptZ, in: container, debugDescription: "an intercept or weight mean that is no usable number")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lanes, forKey: .lanes)
        try container.encode(examples, forKey: .examples)
        try container.encode(clippedValues, forKey: .clippedValues)
        try container.encode(clippedWeights, forKey: .clippedWeights)
        try container.encode(clippedLabels, forKey: .clippedLabels)
        try container.encode(limitedUpdates, forKey: .limitedUpdates)
        try container.encode(intercept.z, forKey: .interceptZ)
        try container.encode(intercept.n, forKey: .interceptN)
        try container.encode(weightMean, forKey: .weightMean)
        try container.encode(label, forKey: .label)
        try container.encode(numbers, forKey: .numbers)
    }
}
