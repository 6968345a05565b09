import Checkpointing
import Inspection
import Testing

@testable import Training

@Suite struct RecentIdentitiesTests {
    /// What a test asks in the midst of an expectation.
    private final class Memory {
        private var identities: RecentIdentities

        init(limit: Int = 65_536) { identities = RecentIdentities(limit: limit) }

        var count: Int { identities.count }
        func isRepeated(_ identity: UInt64, at place: RecentIdentities.Place) -> Bool { identities.isRepeated(identity, at: place) }
        func forget(past next: [Int64]) { identities.forget(past: next) }
    }

    private func place(_ offset: Int64, of input: Int = 0) -> RecentIdentities.Place { .init(input: input, offset: offset) }

    @Test func anIdThatComesAgainElsewhereIsRepeated() {
        let identities = Memory()
        #expect(!identities.isRepeated(7, at: place(0)))
        #expect(identities.isRepeated(7, at: place(1)))
        #expect(identities.isRepeated(7, at: place(0, of: 1)))
        #expect(!identities.isRepeated(8, at: place(2)))
    }

    @Test func anEventThatIsReadAgainRepeatsNothing() {
        let identities = Memory()
        #expect(!identities.isRepeated(7, at: place(3)))
        #expect(!identities.isRepeated(7, at: place(3)))
    }

    @Test func theOldestIdIsForgottenFirst() {
        let identities = Memory(limit: 100)
        for id in 0..<150 { #expect(!identities.isRepeated(UInt64(id), at: place(Int64(id)))) }
        #expect(identities.count == 100)
        // The last hundred are known; each of the first fifty is new again, and drives out one of the others.
        for id in 50..<150 { #expect(identities.isRepeated(UInt64(id), at: place(500))) }
        for id in 0..<50 { #expect(!identities.isRepeated(UInt64(id), at: place(Int64(600 + id)))) }
        #expect(!identities.isRepeated(50, at: place(700)))
        #expect(identities.isRepeated(149, at: place(701)))
        #expect(identities.count == 100)
    }

    @Test func whatWillBeReadAgainIsForgottenAndTheOrderStays() {
        let identities = Memory(limit: 4)
        for id in 0..<6 { _ = identities.isRepeated(UInt64(id), at: place(Int64(id), of: id % 2)) }
        // Of 2, 3, 4 and 5 the last two lie past the positions.
        identities.forget(past: [4, 5])
        #expect(identities.count == 2)
        for id in 4..<7 { #expect(!identities.isRepeated(UInt64(id), at: place(Int64(id), of: id % 2))) }
        #expect(identities.isRepeated(3, at: place(20)))
        #expect(!identities.isRepeated(2, at: place(21)))
    }

    /// The same answers as from a list of the last ids.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func theAnswersAreThoseOfAList(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let identities = Memory(limit: 16)
        var list: [UInt64] = []
        for offset in 0..<2_000 {
            let id = generator.next() % 40
            #expect(identities.isRepeated(id, at: place(Int64(offset))) == list.contains(id), "seed \(seed), event \(offset)")
            if !list.contains(id) { list = (list + [id]).suffix(16) }
        }
    }
}

/// Ids that come again: counted where they are learnt, and learnt.
@Suite struct DuplicateTests {
    /// 600 good events of which every twentieth after the first hundred has the id of one before it.
    private static func feed(partitions: Int = 1) -> SampleFeed {
        var feed = SampleFeed(partitions: partitions, seed: 5)
        for number in 0..<600 {
            feed.append(number > 100 && number % 20 == 0 ? .again(Int64(number - 55)) : .good, to: number % partitions)
        }
        return feed
    }

    private static let repeated: UInt64 = 24

    private func finish(_ run: EngineRun) throws {
        try run.drain()
        run.engine.finish()
    }

    @Test(arguments: [1, 3]) func duplicatesAreCountedAndLearnt(partitions: Int) throws {
        let run = try EngineRun(Self.feed(partitions: partitions))
        try finish(run)
        #expect(run.state.inspector.duplicates == Self.repeated)
        #expect(run.state.counts.learnt == 600)
        #expect(run.digest == digest(of: run.feed))
    }

    /// The inspected position runs ahead of what a version holds.
    @Test func aVersionCountsWhatItHasLearnt() throws {
        let run = try EngineRun(Self.feed())
        try run.step(300)
        #expect(run.inspector.duplicates == 9)
        #expect(run.state.inspector.duplicates <= run.inspector.duplicates)
        #expect(run.state.inspector.duplicates <= run.state.counts.learnt)
    }

    @Test(arguments: [1, 3]) func whatIsReadAgainAfterAFreezeIsCountedOnce(partitions: Int) throws {
        let run = try EngineRun(Self.feed(partitions: partitions))
        try run.step(250)
        try run.freeze()
        try run.step(200)
        try run.resume(.replay)
        try finish(run)
        #expect(run.state.inspector.duplicates == Self.repeated)
        #expect(run.digest == digest(of: run.feed))
    }

    @Test func whatARollbackTakesBackIsCountedAgain() throws {
        let run = try EngineRun(Self.feed())
        for _ in 0..<10 { try run.step() }
        try run.commit()
        let number = try #require(run.versions.last?.number)
        for _ in 0..<15 { try run.step() }
        try run.rollBack(to: number)
        try run.resume(.replay)
        try finish(run)
        #expect(run.state.inspector.duplicates == Self.repeated)
        #expect(run.digest == digest(of: run.feed))
    }

    @Test func theCountOutlivesARestartAndTheMemoryDoesNot() throws {
        let run = try EngineRun(Self.feed())
        for _ in 0..<15 { try run.step() }
        try run.commit()
        let counted = run.state.inspector.duplicates
        #expect(counted > 0)
        try run.restart()
        #expect(run.state.inspector.duplicates == counted)
        try finish(run)
        // The ids that those just past the restart repeat lie before it.
        #expect((counted...Self.repeated).contains(run.state.inspector.duplicates))
        #expect(run.state.inspector.duplicates < Self.repeated)
        #expect(run.digest == digest(of: run.feed))
    }

    @Test func whatIsSetAsideIsNoDuplicate() throws {
        var feed = Self.feed()
        feed.append(60, .noPrice)
        let run = try EngineRun(feed)
        try run.drain()
        #expect(run.isFrozen)
        run.feed.append(.again(601))
        try run.step()
        try run.resume(.skip)
        try finish(run)
        #expect(run.state.counts.skipped > 0)
        #expect(run.state.inspector.duplicates == Self.repeated)
    }
}
