import Checkpointing
import Foundation
import Kafka
import Synchronization
import TestSupport
import Testing

/// A lane's log on a broker keeps what the one in memory promises.
@Suite(.needsBroker, .scenario) struct KafkaLogTests {
    /// Runs one of the suite's tests on a topic of its own, and closes every handle it opened.
    private func onItsOwnTopic(_ test: (LaneSuite) async throws -> Void) async throws {
        let servers = try await NetworkBroker.warmedUp().bootstrapServers
        let properties = ["bootstrap.servers": servers, "receive.message.max.bytes": "500000000"]
        let topic = NetworkBroker.uniqueName("lane")
        let admin = try Admin(properties, logger: quiet)
        try await admin.createTopics(
            [TopicSpecification(name: topic, configuration: ["cleanup.policy": "compact", "min.compaction.lag.ms": "600000"])],
            timeout: .seconds(20))
        await admin.close(within: .seconds(3))
        let opened = Opened()
        let suite = LaneSuite {
            let log = KafkaLog(
                KafkaLog.Configuration(
                    partition: TopicPartition(topic: topic, partition: 0), group: topic, transactionalID: "\(topic).0",
                    properties: properties), logger: quiet)
            await opened.append(log)
            return log
        } clock: {
            Int64(Date().timeIntervalSince1970 * 1_000)
        }
        do {
            try await test(suite)
        } catch {
            await opened.close()
            throw error
        }
        await opened.close()
    }

    private actor Opened {
        private var logs: [KafkaLog] = []

        func append(_ log: KafkaLog) { logs.append(log) }

        func close() async { for log in logs { await log.close() } }
    }

    @Test func `a new log has no version`() async throws { try await onItsOwnTopic { try await $0.aNewLogHasNoVersion() } }
    @Test func `what is written is restored`() async throws { try await onItsOwnTopic { try await $0.whatIsWrittenIsRestored() } }
    @Test func `a reader sees only what was cleared`() async throws {
        try await onItsOwnTopic { try await $0.aReaderSeesOnlyWhatWasCleared() }
    }
    @Test func `the one who took the lane last owns it`() async throws {
        try await onItsOwnTopic { try await $0.theOneWhoTookTheLaneLastOwnsIt() }
    }
    @Test func `one who stood by takes what the others would take`() async throws {
        try await onItsOwnTopic { try await $0.oneWhoStoodByTakesWhatTheOthersWouldTake() }
    }
    @Test func `every retained version can be restored after many more`() async throws {
        try await onItsOwnTopic { try await $0.everyRetainedVersionCanBeRestoredAfterManyMore() }
    }
    @Test func `a rollback is a new version with the old slots`() async throws {
        try await onItsOwnTopic { try await $0.aRollbackIsANewVersionWithTheOldSlots() }
    }
    @Test func `a pinned version stays until it is unpinned`() async throws {
        try await onItsOwnTopic { try await $0.aPinnedVersionStaysUntilUnpinned() }
    }
    @Test func `another model's topic is refused`() async throws { try await onItsOwnTopic { try await $0.anotherModelsTopicIsRefused() } }
}
