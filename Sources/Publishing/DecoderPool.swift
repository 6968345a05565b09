import Events
import Learning
import Synchronization

/// Event decoders for requests: one belongs to one request at a time, and a few are kept warm for the next.
final class DecoderPool: Sendable {
    /// What a decoder was made for.
    struct Key: Equatable, Sendable {
        var schema: EventSchema
        var task: PredictionTask
        var bits: Int
    }

    /// A decoder with the batch it fills.
    ///
    /// Unchecked because neither is safe to share, and neither is shared: a desk is either in the pool, where nobody reads it, or lent
    /// to the one request that took it out.
    final class Desk: @unchecked Sendable {
        let decoder: EventDecoder
        var batch = ExampleBatch()

        init(_ key: Key) {
            decoder = EventDecoder(schema: key.schema, task: key.task, bits: key.bits)
        }
    }

    /// Requests name fields, and a decoder remembers every name it met: past this number a desk is thrown away, so that nobody can
    /// fill the memory with invented names.
    private static let fieldNameLimit = 4_096
    private static let idleLimit = 16

    let key: Key
    private let idle = Mutex<[Desk]>([])

    init(_ key: Key) {
        self.key = key
    }

    func withDesk<Result>(_ work: (Desk) throws -> Result) rethrows -> Result {
        let desk = idle.withLock { $0.popLast() } ?? Desk(key)
        defer { takeBack(desk) }
        return try work(desk)
    }

    private func takeBack(_ desk: Desk) {
        guard desk.batch.fieldNames.count <= Self.fieldNameLimit else { return }
        desk.batch.removeAll()
        idle.withLock { idle in
            if idle.count < Self.idleLimit { idle.append(desk) }
        }
    }
}
