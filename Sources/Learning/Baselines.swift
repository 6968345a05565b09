/// What a learner has to beat on a stream whose labels come in runs: the label repeats. Binary: the chance that it does is counted as the
/// stream goes by (plus one of each, as Laplace).
public struct NoChangeBaseline: Codable, Equatable, Sendable {
    public let task: PredictionTask
    private var last: Float?
    private var repeats = 1.0
    private var changes = 1.0

    public init(task: PredictionTask) { self.task = task }

    /// The prediction for an event, made before its label is taken in. The first is one half, or 0.
    public mutating func predictThenObserve(label: Float, weight: Float) -> Float {
        defer { observe(label, weight) }
        switch task {
        case .binary:
            guard let last else { return 0.5 }
            let stays = Float(repeats / (repeats + changes))
            return last > 0.5 ? stays : 1 - stays
        case .regression: return last ?? 0
        }
    }

    private mutating func observe(_ label: Float, _ weight: Float) {
        guard label.isFinite, weight.isFinite, weight > 0 else { return }
        if let last {
            if (last > 0.5) == (label > 0.5) { repeats += Double(weight) } else { changes += Double(weight) }
        }
        last = label
    }
}

/// The constant predictor as one could have had it at the time: the mean of the labels so far. Binary: starts as one event of each class.
public struct RunningMeanBaseline: Codable, Equatable, Sendable {
    public let task: PredictionTask
    private var sum: Double
    private var weight: Double

    public init(task: PredictionTask) {
        self.task = task
        sum = task == .binary ? 1 : 0
        weight = task == .binary ? 2 : 0
    }

    /// The prediction for an event, made before its label is taken in. The first is one half, or 0.
    public mutating func predictThenObserve(label: Float, weight: Float) -> Float {
        let prediction = self.weight > 0 ? Float(sum / self.weight) : 0
        if label.isFinite, weight.isFinite, weight > 0 {
            sum += Double(label) * Double(weight)
            self.weight += Double(weight)
        }
        return prediction
    }
}
