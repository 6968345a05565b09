import EmbeddedBroker
import Kafka
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Checkpointing

/// A batch of the checkpoint topic that is damaged at rest: it fails its checksum however often it is fetched (librdkafka 2.0.2 parses on
/// behind it and may then ask for any offset).
struct CorruptLogTests {
    private let broker: EmbeddedBroker
    private let proxy: KafkaProxy

    init() throws {
        broker = try EmbeddedBroker()
        for topic in ["m.checkpoint", "m.quarantine"] { try broker.createTopic(topic, partitions: 1) }
        proxy = try KafkaProxy(to: broker.bootstrapServers)
    }

    private func log() -> KafkaLog {
        KafkaLog(
            KafkaLog.Configuration(
                partition: TopicPartition(topic: "m.checkpoint", partition: 0), quarantineTopic: "m.quarantine", group: "m",
                transactionalID: "m.0", properties: ["bootstrap.servers": proxy.bootstrapServers, "fetch.wait.max.ms": "20"]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// From now on every answer that holds the text arrives with a bit of it flipped.
    private func damage(_ text: String) {
        proxy.arm(
            ProxyRule(.response, of: .fetch, times: .max) { message in
                message.place(of: text).map { .replace(message.flipped(at: $0)) } ?? .forward
            })
    }

    private func writer(_ log: KafkaLog) -> LaneWriter {
        LaneWriter(log: log, identity: LaneSample.identity(), retention: Retention(latest: 8, hourly: 0, daily: 0), now: { 1 })
    }

    @Test func `what lies behind it is read, and followed`() async throws {
        let log = log()
        try await log.fence()
        func write(_ keys: [String]) async throws {
            try await log.begin()
            _ = try await log.append(
                keys.map { LogEntry(.cleared(VersionID(version: UInt64($0.count), writer: WriterID(bits: 1))), Array($0.utf8)) })
            try await log.commit([])
        }
        for keys in [["a", "bb"], ["damage", "dddd", "eeeee"], ["ffffff"]] { try await write(keys) }
        damage("damage")
        let texts = Texts()
        let end = try await log.read(from: 0) { texts.take($0) }
        #expect(texts.all == ["a", "bb", "ffffff"])
        try await write(["ggggggg"])
        // One who tails from before it goes on, too.
        let later = Texts()
        var next: Int64 = 0
        _ = try await eventually("the record behind it", by: .now + .seconds(30)) {
            next = try await log.follow(from: next, wait: .milliseconds(50)) { later.take($0) }
            return later.all.last == "ggggggg" ? true : nil
        }
        #expect(later.all == ["a", "bb", "ffffff", "ggggggg"] && next > end)
        await log.close()
    }

    @Test func `a version that lost a page to it is passed over for the one before`() async throws {
        let first = writer(log())
        _ = try await first.take()
        let kept = try await first.write(LaneSample.cut(next: 1, [0: 1]))
        let lost = try await first.write(LaneSample.cut(next: 2, [0: 2]))
        damage("page/0@\(lost.body.version).")
        let second = writer(log())
        let restored = try #require(try await second.take())
        #expect(restored.manifest == kept)
        let next = try await second.write(LaneSample.cut(next: 3, [0: 3]))
        #expect(next.body.version > lost.body.version)
    }

    private final class Texts: Sendable {
        private let found = Mutex<[String]>([])

        func take(_ records: [LogRecord]) {
            let texts = records.compactMap { $0.value.map { String(decoding: $0, as: UTF8.self) } }
            found.withLock { $0 += texts }
        }

        var all: [String] { found.withLock { $0 } }
    }
}
