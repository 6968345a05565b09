import Checkpointing
import Kafka
import Logging
import Training

/// The lanes' logs, each read with a reader of its own that is closed again: for what is asked for now and then.
struct LaneLogs: OtherLanes {
    private let settings: Settings
    private let lanes: [UInt16]
    private let logger: Logger

    init(_ settings: Settings, lanes: Int, logger: Logger) {
        self.settings = settings
        self.lanes = Array(0..<UInt16(clamping: lanes))
        self.logger = logger
    }

    /// All lanes but one.
    init(_ settings: Settings, but share: LaneShare, logger: Logger) {
        self.settings = settings
        lanes = (0..<share.lanes).filter { $0 != share.lane }
        self.logger = logger
    }

    /// How many lanes a model has: the partitions of its checkpoint topic.
    static func count(_ settings: Settings, logger: Logger) async throws -> Int {
        let admin = try Admin(settings.kafka.values, logger: logger)
        do {
            let count = try await admin.partitions(of: settings.names.checkpoint, timeout: .seconds(10))
            await admin.close(within: .seconds(2))
            return count
        } catch {
            await admin.close(within: .seconds(2))
            throw error
        }
    }

    func look() async throws(LogFailure) -> [LaneSight] {
        var sights: [LaneSight] = []
        for lane in lanes { sights.append(try await read(lane) { reader throws(LogFailure) in try await reader.sight(of: lane) }) }
        return sights
    }

    func restore(version: UInt64, of lane: UInt16) async throws(LogFailure) -> RestoredVersion? {
        try await read(lane) { reader throws(LogFailure) in try await reader.version(version) }
    }

    func reader(_ lane: UInt16) -> LaneReader {
        LaneReader(
            log: KafkaLog(
                KafkaLog.Configuration(
                    partition: TopicPartition(topic: settings.names.checkpoint, partition: Int32(lane)), group: settings.names.group,
                    transactionalID: "", properties: settings.kafka.values), logger: logger))
    }

    func read<Value: Sendable, Failure: Error>(
        _ lane: UInt16, _ body: (LaneReader) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let reader = reader(lane)
        do throws(Failure) {
            let value = try await body(reader)
            await reader.close()
            return value
        } catch {
            await reader.close()
            throw error
        }
    }
}
