import Checkpointing
import Kafka
import Synchronization
import TestSupport

/// Everything committed in a lane's log, in its order.
struct LaneHistory {
    private let keys: [RecordKey]
    private let lane: String

    init(of model: Model, _ bench: Bench) async throws {
        lane = model.name
        let partition = TopicPartition(topic: "\(model.name).checkpoint", partition: 0)
        let log = KafkaLog(
            KafkaLog.Configuration(partition: partition, group: model.name, transactionalID: "", properties: bench.properties),
            logger: quiet)
        let box = KeyBox()
        _ = try await log.read(from: try await log.bounds().lowerBound) { box.take($0) }
        await log.close()
        keys = box.keys
    }

    private final class KeyBox: Sendable {
        private let found = Mutex<[RecordKey]>([])

        func take(_ records: [LogRecord]) {
            found.withLock { $0 += records.filter { $0.value != nil }.compactMap { RecordKey($0.key) } }
        }

        var keys: [RecordKey] { found.withLock { $0 } }
    }

    /// Invariants 5 and 6: a version comes from whoever took the lane last, and no number comes twice.
    func check() throws {
        var owner: (epoch: UInt64, writer: WriterID)?
        var newest: UInt64 = 0
        for key in keys {
            switch key {
            case .owner(let epoch, let writer):
                if let owner, epoch <= owner.epoch { throw TestFailure("\(lane): epoch \(epoch) follows \(owner.epoch)") }
                owner = (epoch, writer)
            case .manifest(let id, part: 0):
                guard id.writer == owner?.writer else { throw TestFailure("\(lane): version \(id) is not of the lane's owner") }
                guard id.version > newest else { throw TestFailure("\(lane): version \(id) follows \(newest)") }
                newest = id.version
            case .manifest, .page, .cleared: break
            }
        }
    }
}
