import Checkpointing
import Dispatch
import Kafka
import Synchronization
import TestSupport
import Testing

/// A commit whose outcome its author does not learn: the log decides, and the next handle believes it.
@Suite(.needsBroker, .scenario, .serialized) struct AmbiguousCommitTests {
    private let partition: TopicPartition
    private let proxy: KafkaProxy
    /// A way without faults.
    private let calm: KafkaProxy

    /// Seconds until a test gives up what it waits for. Nobody else would end it.
    private static let limit = 60.0

    init() async throws {
        try await NetworkBroker.warmedUp()
        (proxy, calm) = (try Bench.proxy(), try Bench.proxy())
        partition = TopicPartition(topic: NetworkBroker.uniqueName("commit"), partition: 0)
        let admin = try Admin(["bootstrap.servers": calm.bootstrapServers], logger: quiet)
        try await admin.createTopics(
            [TopicSpecification(name: partition.topic, configuration: ["cleanup.policy": "compact"])], timeout: .seconds(20))
        await admin.close(within: .seconds(3))
    }

    private func log(_ proxy: KafkaProxy) -> KafkaLog {
        KafkaLog(
            KafkaLog.Configuration(
                partition: partition, group: partition.topic, transactionalID: "\(partition.topic).0",
                properties: ["bootstrap.servers": proxy.bootstrapServers, "receive.message.max.bytes": "500000000"],
                patience: .seconds(15)), logger: quiet)
    }

    private func entries(_ epoch: UInt64, _ count: UInt64) -> [LogEntry] {
        (0..<count).map { LogEntry(.owner(epoch: epoch, writer: WriterID(bits: 1 + $0)), [UInt8(epoch)]) }
    }

    /// How many records of each epoch are committed.
    private func committed(_ log: KafkaLog) async throws -> [UInt8: Int] {
        let found = Mutex<[UInt8: Int]>([:])
        _ = try await log.read(from: try await log.bounds().lowerBound) { records in
            found.withLock { for record in records { $0[record.value?.first ?? 0, default: 0] += 1 } }
        }
        return found.withLock { $0 }
    }

    @Test(arguments: [ProxyMessage.Side.request, .response])
    func `a commit that is lost on its way or on the way back happened wholly or not at all`(side: ProxyMessage.Side) async throws {
        let log = log(proxy)
        try await log.fence()
        try await log.begin()
        _ = try await log.append(entries(1, 5))
        // For as long as the handle tries: nothing of it comes through, or no answer.
        proxy.arm(ProxyRule(side, of: .endTxn, mentioning: partition.topic, times: .max) { _ in .drop })
        let failure = await fault { () async throws(LogFailure) in try await log.commit([]) }
        #expect(failure?.kind == .indefinite, "\(String(describing: failure))")
        // Until the handle is gone: it goes on trying behind the caller's back.
        await log.abandon()
        proxy.disarm()
        try await log.fence()
        let before = try await committed(log)
        #expect(before[1] == nil || before[1] == 5, "a part of a transaction is in the log: \(before)")
        #expect(side == .request ? before[1] == nil : before[1] == 5, "\(before)")
        try await log.begin()
        _ = try await log.append(entries(2, 3))
        try await log.commit([])
        var after = before
        after[2] = 3
        #expect(try await committed(log) == after)
        await log.close()
    }

    @Test func `a commit that arrives in the midst of the next owner's transaction commits nothing of it`() async throws {
        let (old, new) = (log(proxy), log(calm))
        try await old.fence()
        try await old.begin()
        _ = try await old.append(entries(1, 2))
        let (held, release, passed) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        proxy.arm(
            ProxyRule(.request, of: .endTxn, mentioning: partition.topic) { _ in
                held.signal()
                return release.wait(timeout: .now() + Self.limit) == .success ? .forward : .drop
            })
        proxy.arm(
            ProxyRule(.response, of: .endTxn, mentioning: partition.topic) { _ in
                passed.signal()
                return .forward
            })
        async let failure = fault { () async throws(LogFailure) in try await old.commit([]) }
        try await wait(for: held, "a request to commit")
        try await new.fence()
        try await new.begin()
        _ = try await new.append(entries(2, 1))
        release.signal()
        try await wait(for: passed, "an answer to it")
        // Of a torn transaction the first record would be committed by now, and the second alone aborted.
        _ = try await new.append(entries(3, 1))
        await new.abandon()
        #expect(await failure != nil)
        await old.abandon()
        try await new.fence()
        #expect(try await committed(new) == [:])
        await old.close()
        await new.close()
    }

    private func fault(_ work: () async throws(LogFailure) -> Void) async -> LogFailure? {
        do throws(LogFailure) {
            try await work()
            return nil
        } catch {
            return error
        }
    }

    /// On a thread that may wait.
    private func wait(for semaphore: DispatchSemaphore, _ what: String) async throws {
        let hasCome = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            DispatchQueue.global().async { continuation.resume(returning: semaphore.wait(timeout: .now() + Self.limit) == .success) }
        }
        guard hasCome else { throw TestFailure("in time there was not \(what)") }
    }
}
