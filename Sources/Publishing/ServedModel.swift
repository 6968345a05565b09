import Events
import Learning

/// A snapshot with what every answer of it has in common, worked out once.
final class ServedModel: Sendable {
    let snapshot: Snapshot
    let version: String
    let inputWatermark: String
    let datatypes: [String: FieldDescription.Datatype]
    private let decoders: DecoderPool

    /// - Parameter previous: the model served before; its warm decoders are kept when they decode the same way.
    init(_ snapshot: Snapshot, after previous: ServedModel? = nil) {
        self.snapshot = snapshot
        version = snapshot.versionText
        inputWatermark = Timestamp.text(snapshot.inputWatermark)
        datatypes = Dictionary(snapshot.fields.map { ($0.path, $0.datatype) }, uniquingKeysWith: { first, _ in first })
        let key = DecoderPool.Key(schema: snapshot.schema, task: snapshot.task, bits: snapshot.bits)
        if let previous, previous.decoders.key == key {
            decoders = previous.decoders
        } else {
            decoders = DecoderPool(key)
        }
    }

    /// Decodes rows with `fill`, then predicts each of them.
    /// - Parameter fill: appends one row per prediction wanted.
    func predict(_ fill: (EventDecoder, inout ExampleBatch) throws -> Void) rethrows -> [Float] {
        try decoders.withDesk { desk in
            try fill(desk.decoder, &desk.batch)
            return (0..<desk.batch.count).map { snapshot.model.prediction(of: $0, in: desk.batch) }
        }
    }
}
