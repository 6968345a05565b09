import EmbeddedBroker
import Kafka
import Testing

struct ConfigurationTests {
    @Test func `a misspelt property is refused by name, with the right one`() async {
        let error = await failure { _ = try Consumer(["bootstrap.server": "localhost:1"], logger: quiet) }
        #expect(error?.code == KafkaError.Code.invalidArgument)
        #expect(error?.reason.contains("“bootstrap.server”") == true)
        #expect(error?.reason.contains("“bootstrap.servers”") == true)
    }

    @Test func `a wrong value is refused with the property's name`() async {
        let error = await failure { _ = try Producer(["linger.ms": "soon"], logger: quiet) }
        #expect(error?.reason.contains("linger.ms") == true)
    }

    @Test(arguments: ["ssl.key.pem", "ssl.key.password", "sasl.password", "sasl.oauthbearer.config"])
    func `a secret's value is never repeated`(name: String) async {
        let error = await failure {
            _ = try Producer([name: "hunter2", "security.protocol": "ssl", "ssl.ca.location": "/nowhere"], logger: quiet)
        }
        #expect(error != nil)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `properties that contradict each other are refused`() async {
        let error = await failure { _ = try Producer(["acks": "1"], logger: quiet) }
        #expect(error?.reason.contains("acks") == true)
    }

    @Test func `a cooperative assignment strategy is refused`() async {
        let error = await failure { _ = try Consumer(["partition.assignment.strategy": "cooperative-sticky"], logger: quiet) }
        #expect(error?.reason.contains("cooperative-sticky") == true)
    }

    @Test func `a closed client refuses every call`() async throws {
        let broker = try EmbeddedBroker()
        let producer = try Producer(["bootstrap.servers": broker.bootstrapServers], logger: quiet)
        await producer.close(within: .seconds(5))
        await producer.close(within: .seconds(5))
        let error = await failure { _ = try await producer.produce([OutgoingRecord(topic: "t", value: [])]) }
        #expect(error?.code == KafkaError.Code.destroyed)
        #expect(error?.disposition == .fatal)
    }
}

struct KafkaErrorTests {
    @Test(arguments: [
        (KafkaError.Code.producerFenced, KafkaError.Disposition.fenced), (KafkaError.Code.invalidProducerEpoch, .fenced),
        (KafkaError.Code.clientFenced, .fenced), (KafkaError.Code.fatal, .fatal), (KafkaError.Code.tls, .retriable),
        (KafkaError.Code.authentication, .retriable), (KafkaError.Code.transport, .retriable),
        (KafkaError.Code.topicAuthorizationFailed, .other),
    ])
    func `a code tells what may be done about it`(code: Int32, disposition: KafkaError.Disposition) {
        #expect(KafkaError(code: code, operation: "test").disposition == disposition)
    }

    @Test func `an error says what failed, where and why`() {
        let error = KafkaError(
            code: KafkaError.Code.unknownTopicOrPartition, operation: "produce", topicPartition: TopicPartition(topic: "t", partition: 3),
            offset: 5)
        #expect(error.name == "UNKNOWN_TOPIC_OR_PART")
        #expect(error.description.hasPrefix("produce failed at t[3] offset 5: "))
    }
}
