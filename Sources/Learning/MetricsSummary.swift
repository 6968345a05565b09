/// The metrics of some stretch of events. What is undefined (no events, one class only, the other task) is nil, and absent in JSON.
public struct MetricsSummary: Codable, Equatable, Sendable {
    public var examples: Int
    /// The sum of importance weights; every mean below is weighted by them.
    public var weight: Double
    /// Binary: mean of −ln of the probability given to what happened, in nats.
    public var logLoss: Double?
    /// Binary: log loss divided by that of the best constant prediction, known only in hindsight; below 1 is better than it.
    public var normalizedEntropy: Double?
    /// Binary: the chance that an event with label 1 was given more than one with label 0.
    public var auc: Double?
    /// Binary: the share of events on the right side of one half.
    public var accuracy: Double?
    /// Binary: sum of predictions over sum of labels; 1 is right.
    public var calibration: Double?
    /// Regression: root of the mean squared error, in units of the label.
    public var rmse: Double?
    /// Regression: mean absolute error, in units of the label.
    public var mae: Double?
    /// Regression: mean of ½ (prediction − label)², the loss as the learner counts it, in squared units of the label.
    public var meanLoss: Double?

    public init(
        examples: Int, weight: Double, logLoss: Double? = nil, normalizedEntropy: Double? = nil, auc: Double? = nil,
        accuracy: Double? = nil, calibration: Double? = nil, rmse: Double? = nil, mae: Double? = nil, meanLoss: Double? = nil
    ) {
        self.examples = examples
        self.weight = weight
        self.logLoss = logLoss
        self.normalizedEntropy = normalizedEntropy
        self.auc = auc
        self.accuracy = accuracy
        self.calibration = calibration
        self.rmse = rmse
        self.mae = mae
        self.meanLoss = meanLoss
    }
}
