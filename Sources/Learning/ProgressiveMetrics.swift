/// Progressive validation: every event is predicted before it is learnt, so that the metrics over the stream are those of unseen
/// data (Blum, Kalai, Langford 1999, "Beating the Hold-Out"). Sums of Doubles in the order of the events: deterministic.
public struct ProgressiveMetrics: Codable, Equatable, Sendable {
    /// Probabilities count as no nearer to 0 or 1 than this, about the resolution of a Float below 1.
    static let smallestProbability = 1e-7

    public let task: PredictionTask
    public private(set) var examples = 0
    public private(set) var weight = 0.0
    private var labelSum = 0.0
    private var labelSquareSum = 0.0
    private var predictionSum = 0.0
    /// Binary: log loss and correct answers; regression: squared and absolute errors.
    private var lossSum = 0.0
    private var secondSum = 0.0
    private var ranks: RankHistogram?

    public init(task: PredictionTask) {
        self.task = task
        ranks = task == .binary ? RankHistogram() : nil
    }

    /// Counts one event; one whose numbers are not finite, or whose weight is not above 0, is left out.
    public mutating func observe(prediction: Float, label: Float, weight: Float) {
        guard prediction.isFinite, label.isFinite, weight.isFinite, weight > 0 else { return }
        let (prediction, label, weight) = (Double(prediction), Double(label), Double(weight))
        switch task {
        case .binary: observeProbability(prediction, label: min(max(label, 0), 1), weight: weight)
        case .regression: observeValue(prediction, label: label, weight: weight)
        }
        examples += 1
        self.weight += weight
        predictionSum += prediction * weight
    }

    private mutating func observeProbability(_ prediction: Double, label: Double, weight: Double) {
        let probability = min(max(prediction, Self.smallestProbability), 1 - Self.smallestProbability)
        let logs = (zero: logarithm(1 - probability), one: logarithm(probability))
        lossSum -= weight * (label * logs.one + (1 - label) * logs.zero)
        if (prediction > 0.5) == (label > 0.5) { secondSum += weight }
        labelSum += weight * label
        labelSquareSum += weight * label * label
        ranks?.observe(logOdds: logs.one - logs.zero, label: label, weight: weight)
    }

    private mutating func observeValue(_ prediction: Double, label: Double, weight: Double) {
        let error = prediction - label
        lossSum += weight * error * error
        secondSum += weight * abs(error)
        labelSum += weight * label
        labelSquareSum += weight * label * label
    }

    /// Adds the events of another stretch of the same task.
    public mutating func merge(_ other: ProgressiveMetrics) {
        precondition(other.task == task, "metrics of one task can be merged")
        examples += other.examples
        weight += other.weight
        labelSum += other.labelSum
        labelSquareSum += other.labelSquareSum
        predictionSum += other.predictionSum
        lossSum += other.lossSum
        secondSum += other.secondSum
        if let added = other.ranks { ranks?.merge(added) }
    }
}

extension ProgressiveMetrics {
    public var summary: MetricsSummary {
        var summary = MetricsSummary(examples: examples, weight: weight)
        guard weight > 0 else { return summary }
        switch task {
        case .binary:
            summary.logLoss = lossSum / weight
            summary.normalizedEntropy = constantLogLoss.map { lossSum / weight / $0 }
            summary.auc = ranks?.area
            summary.accuracy = secondSum / weight
            summary.calibration = labelSum > 0 ? predictionSum / labelSum : nil
        case .regression:
            summary.rmse = (lossSum / weight).squareRoot()
            summary.mae = secondSum / weight
            summary.meanLoss = lossSum / weight / 2
        }
        return summary
    }

    /// Binary: the log loss of the best constant prediction in hindsight, the base rate; nil without both classes.
    public var constantLogLoss: Double? {
        guard task == .binary, weight > 0 else { return nil }
        let rate = labelSum / weight
        guard rate > 0, rate < 1 else { return nil }
        return -(rate * logarithm(rate) + (1 - rate) * logarithm(1 - rate))
    }

    /// Regression: the RMSE of the best constant prediction in hindsight, the labels' deviation; nil without events.
    public var constantRMSE: Double? {
        guard task == .regression, weight > 0 else { return nil }
        let mean = labelSum / weight
        return max(labelSquareSum / weight - mean * mean, 0).squareRoot()
    }
}
