/// Learners that each learn a share of one stream and predict together, as the average of their models does (`LinearModel.average`): with the
/// mean of the margins, or of the values in a regression.
public struct LearnerLanes: Sendable {
    /// A learner that can be an element of a list. Reached by one thread at a time: the struct that holds it is.
    private final class Lane: @unchecked Sendable {
        final var learner: Learner

        init(_ specification: LearnerSpecification, of lanes: UInt16) {
            learner = Learner(specification)
            learner.divide(among: lanes)
        }
    }

    private let lanes: [Lane]
    private let task: PredictionTask
    private var next = 0

    /// - Parameter count: of lanes, at least 1; they learn in turn.
    public init(_ specification: LearnerSpecification, count: Int) {
        lanes = (0..<max(1, count)).map { _ in Lane(specification, of: UInt16(clamping: count)) }
        task = specification.task
    }

    /// The prediction of all lanes before the row is learnt by the one whose turn it is.
    public mutating func learn(_ row: Int, of batch: ExampleBatch) -> Float {
        defer { next = (next + 1) % lanes.count }
        guard lanes.count > 1 else { return lanes[0].learner.learn(row, of: batch) }
        let prediction = prediction(of: row, in: batch)
        lanes[next].learner.learn(row, of: batch)
        return prediction
    }

    private func prediction(of row: Int, in batch: ExampleBatch) -> Float {
        let count = Float(lanes.count)
        switch task {
        case .binary:
            let margin = lanes.reduce(0) { $0 + $1.learner.margin(of: row, in: batch) } / count
            return task.prediction(margin: margin, label: RunningScale())
        case .regression: return lanes.reduce(0) { $0 + $1.learner.prediction(of: row, in: batch) / count }
        }
    }

    /// Of each lane's model.
    public func digests(fingerprint: Digest128) -> [Digest128] { lanes.map { $0.learner.digest(fingerprint: fingerprint) } }
}
