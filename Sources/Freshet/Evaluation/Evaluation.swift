import Events
import Learning
import Training

/// Progressive validation of a stream: every event is predicted before it is learnt.
struct Evaluation: ~Copyable {
    private var lanes: LearnerLanes
    private let specification: ModelSpecification
    private(set) var metrics: WindowedMetrics
    private(set) var windows: [MetricsSummary] = []
    private(set) var rejected: [String: Int] = [:]
    private var noChange: NoChangeBaseline
    private var runningMean: RunningMeanBaseline
    private var noChangeMetrics: ProgressiveMetrics
    private var runningMeanMetrics: ProgressiveMetrics

    /// - Parameter lanes: learners that share the events, and whose average predicts.
    init(specification: ModelSpecification, window: Int, lanes: Int = 1) {
        let task = specification.learner.task
        self.specification = specification
        self.lanes = LearnerLanes(specification.learner, count: lanes)
        metrics = WindowedMetrics(task: task, windowLength: window)
        noChange = NoChangeBaseline(task: task)
        runningMean = RunningMeanBaseline(task: task)
        noChangeMetrics = ProgressiveMetrics(task: task)
        runningMeanMetrics = ProgressiveMetrics(task: task)
    }

    mutating func reject(_ reason: RejectReason) { rejected[reason.rawValue, default: 0] += 1 }

    mutating func learn(_ batch: ExampleBatch, rows: Range<Int>) {
        for row in rows {
            let (label, weight) = (batch.labels[row], batch.weights[row])
            let prediction = lanes.learn(row, of: batch)
            let completed = metrics.completedCount
            metrics.observe(prediction: prediction, label: label, weight: weight)
            if metrics.completedCount > completed, let window = metrics.lastWindow { windows.append(window) }
            noChangeMetrics.observe(
                prediction: noChange.predictThenObserve(label: label, weight: weight), label: label, weight: weight)
            runningMeanMetrics.observe(
                prediction: runningMean.predictThenObserve(label: label, weight: weight), label: label, weight: weight)
        }
    }

    func document(seconds: Double) throws -> EvaluationDocument {
        var windows = windows
        if metrics.current.examples > 0 { windows.append(metrics.current.summary) }
        let examples = metrics.total.examples
        return EvaluationDocument(
            examples: examples, rejected: rejected, metrics: metrics.total.summary, windows: windows,
            baselines: .init(noChange: noChangeMetrics.summary, runningMean: runningMeanMetrics.summary), seconds: seconds,
            eventsPerSecond: seconds > 0 ? Double(examples + rejected.values.reduce(0, +)) / seconds : 0,
            modelDigest: lanes.digests(fingerprint: try specification.fingerprint()).map(\.description).joined(separator: "."))
    }
}

/// What `freshet evaluate --output json` prints.
struct EvaluationDocument: Encodable {
    struct Baselines: Encodable {
        /// Predicts the label before.
        var noChange: MetricsSummary
        /// Predicts the mean of the labels so far.
        var runningMean: MetricsSummary
    }

    var examples: Int
    /// Reason → number of events that are no examples.
    var rejected: [String: Int]
    var metrics: MetricsSummary
    /// Over consecutive windows of events; the last may not be full.
    var windows: [MetricsSummary]
    var baselines: Baselines
    var seconds: Double
    var eventsPerSecond: Double
    /// xxh3-128 of fingerprint, learner globals and slots: what `train` has after the same events in the same order. Several lanes' are joined
    /// by dots.
    var modelDigest: String
}
