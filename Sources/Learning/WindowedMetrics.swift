/// Progressive metrics of the whole stream and of windows counted in events, so that change over time can be seen.
public struct WindowedMetrics: Codable, Equatable, Sendable {
    public let windowLength: Int
    /// How many completed windows are kept; older ones live on in `total` alone.
    public let keepLast: Int
    public private(set) var total: ProgressiveMetrics
    /// The window being filled.
    public private(set) var current: ProgressiveMetrics
    /// The last window that was filled.
    public private(set) var previous: ProgressiveMetrics?
    /// The latest completed windows, oldest first.
    public private(set) var completed: [MetricsSummary] = []
    /// Windows completed so far, forgotten ones included.
    public private(set) var completedCount = 0

    public init(task: PredictionTask, windowLength: Int = 10_000, keepLast: Int = 20) {
        precondition(windowLength > 0 && keepLast > 0, "a window holds an event, and one window is kept")
        self.windowLength = windowLength
        self.keepLast = keepLast
        total = ProgressiveMetrics(task: task)
        current = ProgressiveMetrics(task: task)
    }

    public var lastWindow: MetricsSummary? { completed.last }

    /// The recent past: between one and two windows of events, or all there were.
    public var recent: ProgressiveMetrics {
        guard var recent = previous else { return current }
        recent.merge(current)
        return recent
    }

    public mutating func observe(prediction: Float, label: Float, weight: Float) {
        total.observe(prediction: prediction, label: label, weight: weight)
        current.observe(prediction: prediction, label: label, weight: weight)
        guard current.examples >= windowLength else { return }
        if completed.count >= keepLast { completed.removeFirst(completed.count - keepLast + 1) }
        completed.append(current.summary)
        completedCount += 1
        previous = current
        current = ProgressiveMetrics(task: total.task)
    }
}
