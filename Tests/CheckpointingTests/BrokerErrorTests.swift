import Checkpointing
import EmbeddedBroker
import Kafka
import Logging
import TestSupport
import Testing

/// What a log makes of the errors a broker answers with: it goes on, or says what is wrong, within its own deadline and without a storm of
/// requests; and a new handle begins again.
struct BrokerErrorTests {
    /// Of the Kafka protocol; -195 closes the connection.
    private static let codes: [Int32] = [-195, -1, 3, 6, 7, 10, 14, 15, 16, 19, 29, 30, 31, 45, 47, 48, 49, 51, 53, 59, 90]
    private static let requests: [KafkaAPI] = [
        .findCoordinator, .initProducerId, .addPartitionsToTxn, .produce, .addOffsetsToTxn, .txnOffsetCommit, .endTxn,
    ]
    private static let fenced: Set<Int32> = [47, 90]
    /// What the broker refuses and will refuse again, with what the sentence must name: a record that is too large for the topic, rights on the
    /// topic, and rights on the transactional id.
    private static let refusals: [KafkaAPI: [Int32: String]] = [
        .produce: [10: "m.checkpoint", 29: "m.checkpoint"],
        .addPartitionsToTxn: [29: "m.checkpoint"],
        .initProducerId: [53: "m.0"],
        .addOffsetsToTxn: [53: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
        .endTxn: [53: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
    ]

    /// A cluster of its own for each case, with a way on which requests are counted.
    private struct Place {
        let broker: EmbeddedBroker
        let proxy: KafkaProxy
        let log: KafkaLog

        private static let patience = Duration.seconds(20)

        init(patience: Duration = Self.patience) throws {
            broker = try EmbeddedBroker()
            for topic in ["m.checkpoint", "m.quarantine"] { try broker.createTopic(topic, partitions: 1) }
            proxy = try KafkaProxy(to: broker.bootstrapServers)
            log = Self.log(proxy, patience)
        }

        private static func log(_ proxy: KafkaProxy, _ patience: Duration) -> KafkaLog {
            KafkaLog(
                KafkaLog.Configuration(
                    partition: TopicPartition(topic: "m.checkpoint", partition: 0), quarantineTopic: "m.quarantine", group: "m",
                    transactionalID: "m.0", properties: ["bootstrap.servers": proxy.bootstrapServers], patience: patience),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        func write() async -> LogFailure? { await write(by: log) }

        /// What an heir meets that has the product's own patience.
        func writePatiently() async -> LogFailure? {
            let heir = Self.log(proxy, Self.patience)
            let failure = await write(by: heir)
            await heir.close()
            return failure
        }

        /// Takes the lane and writes as a version is written; what went wrong.
        private func write(by log: KafkaLog) async -> LogFailure? {
            do throws(LogFailure) {
                try await log.fence()
                try await log.begin()
                _ = try await log.append([LogEntry(.owner(epoch: 1, writer: .random()), [1])])
                try await log.setAside([
                    QuarantinedEvent(
                        topic: "in", partition: 0, offset: 7, timestamp: 0, reason: "notJSON", detail: "", key: nil, value: [1],
                        originalLength: 1, digest: "")
                ])
                try await log.commit([InputPosition(topic: "in", partition: 0, start: 8)])
                return nil
            } catch {
                await log.abandon()
                return error
            }
        }
    }

    @Test(arguments: requests, codes)
    func `an error of a request is got over, or said and got over by a new handle`(request: KafkaAPI, code: Int32) async throws {
        let place = try Place()
        place.broker.pushErrors(apiKey: request.rawValue, errors: [code])
        let failure = await place.write()
        if Self.fenced.contains(code), let failure { #expect(failure.kind == .fenced || failure.kind == .indefinite, "\(failure)") }
        if let refused = Self.refusals[request]?[code] {
            #expect(failure?.kind == .permanent, "\(failure?.reason ?? "no failure")")
            #expect(failure?.reason.contains(refused) == true, "\(failure?.reason ?? "no failure")")
        }
        #expect(place.proxy.requests(request) <= 12, "\(place.proxy.requests(request)) requests for one error")
        place.broker.clearErrors(apiKey: request.rawValue)
        if failure != nil {
            let again = await place.writePatiently()
            #expect(again == nil, "after \(failure!) a new handle fails as well")
        }
        await place.log.close()
    }

    @Test(arguments: requests, [14, 16, 51])
    func `an error that stays ends with the log's own patience`(request: KafkaAPI, code: Int32) async throws {
        let place = try Place(patience: .seconds(2))
        place.broker.pushErrors(apiKey: request.rawValue, errors: Array(repeating: code, count: 10_000))
        let failure = await place.write()
        #expect(failure != nil)
        // librdkafka's shortest back-off is 20 ms, and 2 s are all there is. After NOT_COORDINATOR it asks for the coordinator and the
        // producer's id in turn without any: as fast as a broker answers, but no longer.
        let most = request == .initProducerId && code == 16 ? 20_000 : 200
        #expect(place.proxy.requests(request) <= most, "\(place.proxy.requests(request)) requests")
        place.broker.clearErrors(apiKey: request.rawValue)
        #expect(await place.writePatiently() == nil)
        await place.log.close()
    }
}
