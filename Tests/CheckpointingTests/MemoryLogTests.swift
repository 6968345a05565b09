import Learning
import Synchronization
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct MemoryLogTests {
    let topic = MemoryTopic()
    let suite: LaneSuite

    init() {
        let topic = topic
        let ticks = Ticks()
        suite = LaneSuite(open: { MemoryLog(topic) }, clock: { ticks.next() })
    }

    @Test func aNewLogHasNoVersion() async throws { try await suite.aNewLogHasNoVersion() }
    @Test func whatIsWrittenIsRestored() async throws { try await suite.whatIsWrittenIsRestored() }
    @Test func aReaderSeesOnlyWhatWasCleared() async throws { try await suite.aReaderSeesOnlyWhatWasCleared() }
    @Test func theOneWhoTookTheLaneLastOwnsIt() async throws { try await suite.theOneWhoTookTheLaneLastOwnsIt() }
    @Test func oneWhoStoodByTakesTheSame() async throws { try await suite.oneWhoStoodByTakesWhatTheOthersWouldTake() }
    @Test func everyRetainedVersionCanBeRestored() async throws { try await suite.everyRetainedVersionCanBeRestoredAfterManyMore() }
    @Test func aRollbackIsANewVersion() async throws { try await suite.aRollbackIsANewVersionWithTheOldSlots() }
    @Test func aPinnedVersionStaysUntilUnpinned() async throws { try await suite.aPinnedVersionStaysUntilUnpinned() }
    @Test func anotherModelsTopicIsRefused() async throws { try await suite.anotherModelsTopicIsRefused() }

    // MARK: - What only a log in memory can do

    @Test func aLostReplyToACommitIsDecidedByTheLog() async throws {
        let writer = try await suite.writer()
        _ = try await writer.take()
        _ = try await writer.write(LaneSample.cut(next: 1, [0: 1]))
        topic.faults.lostCommitReplies = 1
        await #expect(throws: LogFailure.self) { _ = try await writer.write(LaneSample.cut(next: 2, [0: 2])) }
        #expect(try await suite.writer().take()?.slots[0]?[0] == 2)
    }

    @Test func aCommitThatNeverHappenedLeavesTheVersionBefore() async throws {
        let writer = try await suite.writer()
        _ = try await writer.take()
        _ = try await writer.write(LaneSample.cut(next: 1, [0: 1]))
        topic.faults.lostCommits = 1
        await #expect(throws: LogFailure.self) { _ = try await writer.write(LaneSample.cut(next: 2, [0: 2])) }
        #expect(try await suite.writer().take()?.slots[0]?[0] == 1)
    }

    @Test func aBrokerThatFencesNobodyStillHasOneOwner() async throws {
        topic.faults.fencesNobody = true
        let old = try await suite.writer()
        _ = try await old.take()
        _ = try await old.write(LaneSample.cut(next: 1, [0: 1]))
        let new = try await suite.writer()
        _ = try await new.take()
        let failure = await #expect(throws: LogFailure.self) { _ = try await old.write(LaneSample.cut(next: 2, [0: 66])) }
        #expect(failure?.kind == .fenced)
        #expect(try await suite.writer().take()?.slots[0]?[0] == 1)
    }

    @Test func recordsOfAnAbortedTransactionAreNeverLoaded() async throws {
        topic.faults.showsAborted = true
        let writer = try await suite.writer()
        _ = try await writer.take()
        _ = try await writer.write(LaneSample.cut(next: 1, [0: 1]))
        let log = MemoryLog(topic)
        try log.fence()
        try log.begin()
        let forged = PageRecord(
            lane: 0, index: 0, version: 50, fingerprint: LaneSample.fingerprint, slots: [UInt8](repeating: 66, count: 64))
        _ = try log.append([
            LogEntry(.page(PageID(index: 0, id: VersionID(version: 50, writer: WriterID(bits: 9)))), forged.encoded())
        ])
        log.abandon()
        let next = try await suite.writer()
        #expect(try await next.take()?.slots[0]?[0] == 1)
        #expect(try await next.write(LaneSample.cut(next: 2, [0: 2])).body.version == 51)
    }

    @Test func withAnyOneRecordDamagedARetainedVersionStillRestores() async throws {
        let writer = try await suite.writer(scrub: 2)
        _ = try await writer.take()
        var content: [Int: UInt8] = [:]
        for step in 1...9 {
            content[step % 4] = UInt8(step)
            var pages = [step % 4: UInt8(step)]
            for index in await writer.scrubDue { pages[index] = content[index] }
            _ = try await writer.write(LaneSample.cut(next: Int64(step), pages))
        }
        for record in topic.records where record.value != nil {
            let damaged = MemoryTopic(copying: topic)
            damaged.damage(at: record.offset) { bytes in
                var bytes = bytes
                bytes[bytes.count / 2] ^= 1
                return bytes
            }
            let restored = try await LaneWriter(log: MemoryLog(damaged), identity: LaneSample.identity(), now: suite.clock).take()
            #expect(restored != nil, "record at \(record.offset): \(String(decoding: record.key, as: UTF8.self))")
        }
    }

    @Test func theLastNumberThereIsIsRefusedByName() async throws {
        _ = try await suite.writer().take()
        let log = MemoryLog(topic)
        try log.fence()
        let last = RecordKey.cleared(VersionID(version: RecordKey.numbersEnd - 1, writer: WriterID(bits: 1)))
        _ = try log.append([LogEntry(last, [1])])
        try log.commit([])
        let writer = try await suite.writer()
        _ = try await writer.take()
        let failure = await #expect(throws: LogFailure.self) { _ = try await writer.write(LaneSample.cut(next: 1, [0: 1])) }
        #expect(failure?.kind == .permanent && failure?.reason.contains("the last number there is") == true)
    }

    @Test func aPageWithADamagedCopyIsReadFromAnotherOfTheSameContent() async throws {
        // Page 1 never changes: the scrub writes it again as it is.
        let writer = try await suite.writer(scrub: 2)
        _ = try await writer.take()
        for step in 1...4 {
            var pages = [0: UInt8(step), 1: 7]
            if step > 1, await !writer.scrubDue.contains(1) { pages[1] = nil }
            _ = try await writer.write(LaneSample.cut(next: Int64(step), pages))
        }
        let newest = try #require(try await suite.writer().take())
        let copy = try #require(newest.manifest.pages.first { $0.index == 1 })
        topic.damage(at: copy.offset) { bytes in bytes.map { $0 ^ 1 } }
        let restored = try #require(try await suite.writer().take())
        #expect(restored.manifest == newest.manifest && restored.slots == newest.slots)
        #expect(try await LaneReader(log: MemoryLog(topic)).version(newest.manifest.body.version)?.slots == newest.slots)
    }

    @Test func oneWhoCountedFewerLanesThanTheLaneKnowsLeavesItAlone() async throws {
        func writer(of lanes: UInt16) -> LaneWriter {
            var identity = LaneSample.identity()
            identity.lanes = lanes
            return LaneWriter(log: MemoryLog(topic), identity: identity, now: suite.clock)
        }
        let owner = writer(of: 2)
        _ = try await owner.take()
        _ = try await owner.write(LaneSample.cut(next: 1, [0: 1]))
        let failure = await #expect(throws: LogFailure.self) { _ = try await writer(of: 1).take() }
        #expect(failure?.kind == .indefinite && failure?.reason.contains("as one of 2 lanes") == true)
        // Nobody was shut out.
        _ = try await owner.write(LaneSample.cut(next: 2, [0: 2]))
        #expect(try await writer(of: 4).take()?.manifest.body.state.inputs[0].next == 2)
    }

    @Test func compactionAtAnyMomentTakesNothingThatIsRetained() async throws {
        let writer = try await suite.writer()
        _ = try await writer.take()
        for step in 1...12 {
            _ = try await writer.write(LaneSample.cut(next: Int64(step), [step % 5: UInt8(step)]))
            topic.compact()
            for version in await writer.rungs.map(\.version) {
                #expect(try await writer.restore(version: version) != nil, "step \(step), version \(version)")
            }
        }
        #expect(topic.records.count < 40)
    }
}

private final class Ticks: Sendable {
    private let time = Atomic<Int64>(0)
    func next() -> Int64 { time.add(1, ordering: .relaxed).newValue }
}
