import Checkpointing
import Events
import Inspection
import Learning
import Training

/// What a lane is run with: the product's own defaults for events whose members are called as in `EventText`, and a small model.
struct EngineSettings: Sendable {
    let model: ModelSpecification
    let fingerprint: Digest128
    let policy: EnginePolicy
    /// Of every new engine.
    let clearance = Clearance()
    /// Events a second that the feed brings.
    let rate: Double
    /// Seconds between two versions.
    let interval = 1.0
    /// What a decoder that has read the stream before knows of it.
    var fieldNames: [String] = []

    /// - Parameter rate: events a second, above 0.
    init(task: PredictionTask, rate: Double) throws {
        model = ModelSpecification(
            learner: LearnerSpecification(task: task, bits: 16), events: try EventSchema(time: "/ts", id: "/id", numbers: .log))
        fingerprint = try model.fingerprint()
        policy = EnginePolicy(inspection: InspectionConfiguration(), twinAge: nil)
        self.rate = rate
    }

    func decoder() -> EventDecoder {
        EventDecoder(schema: model.events, task: model.learner.task, bits: model.learner.bits, fieldNames: fieldNames)
    }
}
