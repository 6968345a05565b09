extension PredictionTask {
    /// The margin within bounds that keep every later step finite: ±50 logits, or ±10,000 deviations of the label.
    @inline(__always)
    func clamped(_ margin: Float) -> Float {
        switch self {
        case .binary: min(max(margin, -50), 50)
        case .regression: min(max(margin, -10_000), 10_000)
        }
    }

    @inline(__always)
    func prediction(margin: Float, label: RunningScale) -> Float {
        switch self {
        case .binary: logistic(margin)
        case .regression: Self.finite(label.mean + label.deviation * Double(margin))
        }
    }

    private static func finite(_ value: Double) -> Float {
        let largest = Double(Float.greatestFiniteMagnitude)
        return Float(min(max(value, -largest), largest))
    }
}

extension LearnerGlobals {
    static let largestWeightRatio = 100.0
    static let largestWeight = 1e6
    /// The largest residual of a regression, in deviations of the label; with the label within ±10, only a model far off exceeds it.
    static let largestResidual: Float = 20

    /// The loss's derivative by the margin, times the importance weight; nil when the event must not be learnt from.
    ///
    /// Log loss: p − y. Squared loss ½(ŷ − y)² in units of the label's deviation: the margin less the standardised label, whose
    /// scale the label enters first.
    mutating func gradient(task: PredictionTask, margin: Float, prediction: Float, label: Float, weight: Float) -> Float? {
        guard label.isFinite else {
            clippedLabels += 1
            return nil
        }
        guard let weight = clipped(weight: weight) else { return nil }
        switch task {
        case .binary:
            let clipped = min(max(label, 0), 1)
            if clipped != label { clippedLabels += 1 }
            return (prediction - clipped) * weight
        case .regression:
            guard self.label.isWarm else {
                self.label.observe(label)
                return 0
            }
            if self.label.observe(label) { clippedLabels += 1 }
            let residual = margin - self.label.standardised(label)
            if abs(residual) > Self.largestResidual { limitedUpdates += 1 }
            return min(max(residual, -Self.largestResidual), Self.largestResidual) * weight
        }
    }

    /// One event cannot count for more than a hundred average ones: its gradient would otherwise enter n squared and end the learning
    /// of its slots, even if the step itself is bounded.
    private mutating func clipped(weight: Float) -> Float? {
        guard weight.isFinite, weight > 0 else {
            clippedWeights += 1
            return nil
        }
        let largest = min(weightMean * Self.largestWeightRatio, Self.largestWeight)
        let clipped = min(Double(weight), largest)
        if Double(weight) > largest { clippedWeights += 1 }
        weightMean += (clipped - weightMean) / Double(min(examples, UInt64(RunningScale.memory)) + 2)
        return Float(clipped)
    }
}
