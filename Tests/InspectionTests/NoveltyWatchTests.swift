import Testing

@testable import Inspection

struct NoveltyWatchTests {
    /// A vocabulary that is met bit by bit, and a field that has new values in a share of the events; the event of the first alarm of either.
    private func first(words: Int, ids: Double, then share: Double, sparse: Int = 1, from start: Int = 60_000) -> [Int: Int] {
        var (random, watch) = (SeededGenerator(seed: 7), NoveltyWatch())
        var (met, found): (Set<Int>, [Int: Int]) = ([], [:])
        func look(_ isNovel: Bool, _ field: Int, _ number: Int) {
            let isRaised = watch.observe(isNovel: isNovel, field: field, at: UInt64(number), learningEvents: 500, logRunLength: 28)
            if isRaised, found[field] == nil { found[field] = number - start }
        }
        for number in 0..<start + 5_000 {
            look(random.happens(ids), 1, number)
            guard number.isMultiple(of: sparse) else { continue }
            look(number < start ? met.insert(Int(random.next() % UInt64(words))).inserted : random.happens(share), 0, number)
        }
        return found
    }

    @Test func `a vocabulary that is still being met and a field of ids are usual`() {
        #expect(first(words: 4_000, ids: 0.97, then: 0.01) == [:])
    }

    @Test func `a vocabulary that was renamed is not`() throws {
        let found = first(words: 4_000, ids: 0.1, then: 1)
        let event = try #require(found[0])
        #expect(found.count == 1 && (0..<100).contains(event))
    }

    @Test func `that of a field which few events have is none either`() throws {
        let event = try #require(first(words: 500, ids: 0, then: 1, sparse: 5)[0])
        #expect((0..<500).contains(event))
    }

    @Test func `a half of new values is not usual`() throws {
        let event = try #require(first(words: 500, ids: 0, then: 0.5)[0])
        #expect((0..<1_000).contains(event))
    }

    @Test func `a season's share of new values is`() {
        #expect(first(words: 500, ids: 0, then: 0.2) == [:])
    }
}
