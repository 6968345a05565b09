/// What is predicted.
public enum PredictionTask: String, Codable, Sendable, CaseIterable {
    /// The probability that the label is 1; log loss.
    case binary
    /// The label itself; squared loss.
    case regression
}

/// Everything that fixes the meaning of a slot's bits and the next update: two learners with equal specifications that are given the
/// same examples in the same order hold the same bits.
public struct LearnerSpecification: Codable, Hashable, Sendable {
    public var task: PredictionTask
    /// log2 of the number of slots, 4 to 28.
    public var bits: Int
    public var ftrl: FTRLParameters
    /// The largest change of one event's own prediction (in logits, or in units of the label's running scale for regression) that
    /// learning it may cause.
    public var influence: Float

    public init(task: PredictionTask, bits: Int = 20, ftrl: FTRLParameters = FTRLParameters(), influence: Float = 1) {
        self.task = task
        self.bits = bits
        self.ftrl = ftrl
        self.influence = influence
    }
}

/// The parameters of FTRL-Proximal, named as in McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", Algorithm 1.
public struct FTRLParameters: Codable, Hashable, Sendable {
    public var alpha: Float = 0.1
    public var beta: Float = 1
    public var lambda1: Float = 0
    public var lambda2: Float = 0

    public init() {}
}
