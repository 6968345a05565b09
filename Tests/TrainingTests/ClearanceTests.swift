import Checkpointing
import Inspection
import TestSupport
import Testing

@testable import Training

/// When a version may be served.
@Suite struct LaneClearanceTests {
    private func bench(_ change: (inout LaneConfiguration) -> Void = { _ in }) throws -> LaneBench {
        var feed = SampleFeed(seed: 13)
        feed.append(400)
        return try LaneBench(feed) {
            $0.policy.stall = .after(seconds: 1_000)
            change(&$0)
        }
    }

    @Test func aVersionIsClearedAfterTheHoldBack() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let version = try await trainer.version()
        bench.clock.advance(by: 1.9)
        try await trainer.stepAndSettle()
        #expect(!bench.view.isCleared(version.id))
        bench.clock.advance(by: 0.2)
        try await trainer.stepAndSettle()
        #expect(bench.view.isCleared(version.id))
        #expect(try await LaneReader(log: MemoryLog(bench.topic)).newestCleared(wait: .zero)?.manifest.id == version.id)
    }

    /// The hold-back lasts as long as forty versions, and the ladder has four.
    @Test func aHoldBackLongerThanTheLadderStillClears() async throws {
        let bench = try bench { ($0.holdBack, $0.interval) = (Clearance(holdBack: 40), .seconds(1)) }
        let trainer = try await bench.started()
        var cleared: [UInt64] = []
        for _ in 0..<160 {
            bench.input.write { $0.append(1) }
            bench.clock.advance(by: 1)
            try await trainer.stepAndSettle()
            let rungs = await trainer.writer.rungs
            #expect(rungs.count <= 4 + 18)
            guard let newest = rungs.last(where: \.cleared), newest.version != cleared.last else { continue }
            cleared.append(newest.version)
            let age = Double(bench.clock.wall - newest.createdAt) / 1_000
            #expect(age >= 40 && age < 60, "version \(newest.version) was cleared after \(age) s")
        }
        let gate = await trainer.look.state.gate
        #expect(cleared.count > 5, "\(cleared); \(gate)")
    }

    @Test func underSuspicionNothingIsClearedAndAfterwardsEverythingIs() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.input.write { $0.append(4, .noPrice) }
        try await trainer.catchUp()
        #expect(await trainer.look.state.gate.state == .suspect)
        let version = try await trainer.version()
        bench.clock.advance(by: 10)
        try await trainer.stepAndSettle()
        #expect(!bench.view.isCleared(version.id))
        bench.input.write { $0.append(400) }
        try await trainer.catchUp()
        #expect(await trainer.look.state.gate.state == .open)
        bench.clock.advance(by: 3)
        try await trainer.stepAndSettle()
        #expect(bench.view.isCleared(version.id))
    }

    @Test func frozenByASilentFeedAVersionIsCleared() async throws {
        let bench = try bench { $0.policy.stall = .after(seconds: 10) }
        let trainer = try await bench.started()
        bench.clock.advance(by: 11)
        try await trainer.stepAndSettle()
        let frozen = try #require(bench.newest)
        #expect(frozen.body.state.gate.causes.map(\.kind) == [.feedStalled])
        bench.clock.advance(by: 3)
        try await trainer.stepAndSettle()
        #expect(bench.view.isCleared(frozen.id))
    }

    /// What was judged clean while another record was on its way is cleared when its turn comes.
    @Test func aVersionJudgedDuringAWriteIsClearedAfterIt() async throws {
        let bench = try bench()
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let isClosed = Flag()
        let log = HookedLog(bench.topic) { call in
            if call == .commit, isClosed.value { for await _ in gate { break } }
        }
        let trainer = try await bench.started(log: log)
        let version = try await trainer.version()
        bench.input.write { $0.append(20) }
        bench.clock.advance(by: 1.5)
        isClosed.value = true
        await trainer.want()
        try await trainer.step()
        bench.clock.advance(by: 1)
        try await trainer.step()
        isClosed.value = false
        opened.yield()
        await trainer.writing?.value
        #expect(!bench.view.isCleared(version.id))
        try await trainer.stepAndSettle()
        #expect(bench.view.isCleared(version.id))
    }

    @Test func whatWasWrittenPastTheChangePointIsNeverCleared() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.clock.advance(by: 3)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(60, .labelled(1)) }
        try await trainer.catchUp()
        let bad = try await trainer.version()
        #expect(bad.body.state.counts.learnt > 400)
        bench.input.write { $0.append(300, .labelled(1)) }
        try await trainer.catchUp()
        #expect(await trainer.look.isFrozen)
        let back = try #require(bench.newest)
        #expect(back.body.restores == good.body.version && bench.view.isCleared(back.id))
        bench.input.write { $0.append(400) }
        bench.observer.order(.resume, mode: .skip)
        for _ in 0..<5 {
            bench.clock.advance(by: 3)
            try await trainer.catchUp()
        }
        #expect(!bench.view.isCleared(bad.id))
        let newest = try #require(bench.view.newestCleared?.manifest)
        #expect(newest.body.version > back.body.version && newest.body.state.counts.skipped > 300)
    }
}
