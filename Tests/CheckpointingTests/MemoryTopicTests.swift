import Checkpointing
import TestSupport
import Testing

/// The lies of the simulated broker are those of real ones, and no others.
@Suite struct MemoryTopicTests {
    let topic = MemoryTopic()

    private func page(_ version: UInt64) -> LogEntry {
        LogEntry(.page(PageID(index: 0, id: VersionID(version: version, writer: WriterID(bits: 1)))), [UInt8(version)])
    }

    private func writer() throws -> MemoryLog {
        let log = MemoryLog(topic)
        try log.fence()
        return log
    }

    private var values: [UInt8] { topic.records.compactMap { $0.value?.first } }

    /// KAFKA-17754.
    @Test func aLateCommitTearsTheNextTransactionOfItsWriter() throws {
        let log = try writer()
        topic.faults.lateCommits = 1
        try log.begin()
        _ = try log.append([page(1)])
        #expect(throws: LogFailure.self) { try log.commit([]) }
        log.abandon()
        try log.begin()
        _ = try log.append([page(2)])
        topic.deliverLate()
        _ = try log.append([page(3)])
        log.abandon()
        #expect(values == [2])
    }

    @Test func aLateCommitOfAFormerWriterIsRefused() throws {
        let log = try writer()
        topic.faults.lateCommits = 1
        _ = try log.append([page(1)])
        #expect(throws: LogFailure.self) { try log.commit([]) }
        let next = try writer()
        _ = try next.append([page(2)])
        topic.deliverLate()
        #expect(values.isEmpty)
        try next.commit([])
        #expect(values == [2])
    }

    @Test func aForeignCommitTakesWhatTheFormerWriterLeftOpen() throws {
        topic.faults.commitsForeign = true
        _ = try writer().append([page(1)])
        let next = try writer()
        #expect(values.isEmpty)
        _ = try next.append([page(2)])
        try next.commit([])
        #expect(values == [1, 2])
    }

    @Test func anOpenTransactionHidesWhatComesAfterItUntilItIsSweptAway() throws {
        topic.faults.keepsOpen = true
        let former = try writer()
        _ = try former.append([page(1)])
        let next = try writer()
        _ = try next.append([page(2)])
        try next.commit([])
        #expect(values.isEmpty)
        topic.sweep()
        #expect(values == [2])
        #expect(throws: LogFailure.self) { try former.begin() }
    }

    @Test func theCleanerDoesNotLookPastAnOpenTransaction() throws {
        let log = try writer()
        _ = try log.append([page(1)])
        try log.commit([])
        _ = try log.append([LogEntry(page(1).key, nil)])
        topic.compact()
        #expect(values == [1])
        try log.commit([])
        topic.compact()
        #expect(topic.records.map(\.value) == [nil])
        topic.expireTombstones()
        #expect(topic.records.isEmpty)
    }

    @Test func aTornAppendLeavesItsFirstHalf() throws {
        let log = try writer()
        topic.faults.tornAppends = 1
        #expect(throws: LogFailure.self) { _ = try log.append([page(1), page(2)]) }
        try log.commit([])
        #expect(values == [1])
    }
}
