import EmbeddedBroker
import Kafka
import Testing

struct EmbeddedTransactionTests {
    let broker: EmbeddedBroker
    let producer: Producer

    init() throws {
        broker = try EmbeddedBroker(brokers: 2)
        try broker.createTopic("t", partitions: 1)
        producer = try Producer(["bootstrap.servers": broker.bootstrapServers, "transactional.id": "x"], logger: quiet)
    }

    private let record = OutgoingRecord(topic: "t", partition: 0, value: [1])

    @Test func `commit and abort follow each other on one producer`() async throws {
        try await producer.initTransactions(timeout: .seconds(10))
        for round in 0..<4 {
            try await producer.beginTransaction()
            _ = try await producer.produce([record, record])
            if round.isMultiple(of: 2) {
                try await producer.commitTransaction(timeout: .seconds(10))
            } else {
                try await producer.abortTransaction(timeout: .seconds(10))
            }
        }
        #expect(await !producer.isFatal)
        await producer.close(within: .seconds(5))
    }

    @Test func `a record outside a transaction is refused`() async throws {
        try await producer.initTransactions(timeout: .seconds(10))
        let error = await failure { _ = try await producer.produce([record]) }
        #expect(error?.code == KafkaError.Code.state)
        await producer.close(within: .seconds(5))
    }

    @Test(arguments: [
        (KafkaError.Code.producerFenced, KafkaError.Disposition.fenced),
        (KafkaError.Code.invalidProducerEpoch, .fenced),
        (KafkaError.Code.transactionalIDAuthorizationFailed, .fatal),
    ])
    func `an error of the commit says what to do`(code: Int32, disposition: KafkaError.Disposition) async throws {
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        _ = try await producer.produce([record])
        broker.pushErrors(apiKey: 26, errors: [code])
        let error = await failure { try await producer.commitTransaction(timeout: .seconds(10)) }
        #expect(error?.disposition == disposition, "\(String(describing: error))")
        await producer.close(within: .seconds(5))
    }

    @Test(arguments: [KafkaError.Code.producerFenced, KafkaError.Code.invalidProducerEpoch])
    func `a producer fenced at produce is fenced, not abortable`(code: Int32) async throws {
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        broker.pushErrors(apiKey: 0, errors: [code])
        let error = await failure { _ = try await producer.produce([record]) }
        #expect(error?.disposition == .fenced, "\(String(describing: error))")
        await producer.close(within: .seconds(5))
    }

    @Test func `errors that pass are retried inside`() async throws {
        let codes = [KafkaError.Code.coordinatorLoading, KafkaError.Code.notCoordinator, KafkaError.Code.concurrentTransactions]
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        broker.pushErrors(apiKey: 24, errors: codes)
        _ = try await producer.produce([record])
        broker.pushErrors(apiKey: 26, errors: Array(codes.dropLast()))
        try await producer.commitTransaction(timeout: .seconds(20))
        await producer.close(within: .seconds(5))
    }

    @Test func `a commit follows its coordinator to another broker`() async throws {
        try broker.moveCoordinator(of: .transaction("x"), to: 1)
        try await producer.initTransactions(timeout: .seconds(10))
        try await producer.beginTransaction()
        _ = try await producer.produce([record])
        try broker.moveCoordinator(of: .transaction("x"), to: 2)
        try await producer.commitTransaction(timeout: .seconds(20))
        await producer.close(within: .seconds(5))
    }
}
