import Foundation
import Kafka
import Logging

/// Writes events to a topic, the way a producer of a shop would.
public struct Feed: Sendable {
    private let topic: String
    private let partitions: Int
    private let producer: Producer

    public init(topic: String, partitions: Int = 1, properties: [String: String]) throws {
        self.topic = topic
        self.partitions = partitions
        producer = try Producer(properties, logger: Logger(label: "feed") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Writes events in order, dealt out over the partitions; returns when the broker has them.
    public func produce(_ events: [LabelledEvent]) async throws {
        try await produce(values: events.map { Array($0.json.utf8) })
    }

    /// Writes records as they are; a nil is a null value. Returns their offsets.
    @discardableResult
    public func produce(values: [[UInt8]?]) async throws -> [Int64] {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let records = values.enumerated().map { index, value in
            OutgoingRecord(topic: topic, partition: Int32(index % partitions), value: value, timestamp: now)
        }
        var offsets: [Int64] = []
        for start in stride(from: 0, to: records.count, by: 2_000) {
            offsets += try await producer.produce(Array(records[start..<min(start + 2_000, records.count)]))
        }
        return offsets
    }

    public func close() async { await producer.close(within: .seconds(3)) }
}
