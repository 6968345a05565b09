import Checkpointing
import Inspection
import Testing

@testable import Training

/// What is entered in the audit: who did what, when, why, with which evidence.
@Suite struct AuditTests {
    private func bench(_ count: Int = 600) throws -> LaneBench {
        var feed = SampleFeed(seed: 11)
        feed.append(count)
        return try LaneBench(feed) { $0.policy.stall = .after(seconds: 1_000) }
    }

    private func range(_ from: Int64, _ to: Int64) -> InputRange {
        InputRange(topic: SampleFeed.topic, partition: 0, from: from, to: to)
    }

    @Test func aResumeNamesTheOneWhoResumedAndWhatIsSetAside() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let freeze = bench.observer.order(.freeze)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(50) }
        try await trainer.catchUp()
        let resume = bench.observer.order(.resume, mode: .skip)
        try await trainer.stepAndSettle()
        let changes = bench.observer.changes
        #expect(changes.map(\.transition.isFreeze) == [true, false])
        #expect(changes[0].transition.causes.map(\.id) == [freeze] && changes[0].transition.resumption == nil)
        #expect(changes[1].transition.resumption == Resumption(command: resume, author: "test", reason: "a test", mode: "skip"))
        #expect(changes[1].skips.map { [$0.from, $0.to] } == [[600, 650]])
        let answer = try #require(bench.observer.answers.last?.answer)
        #expect(answer.author == "test" && answer.reason == "a test" && answer.mode == .skip)
    }

    @Test func aRollbackByHandIsEntered() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        let undone = try await trainer.version()
        let command = bench.observer.order(.rollback, version: good.body.version, mode: .replay)
        try await trainer.stepAndSettle()
        let rollback = try #require(bench.observer.rollbacks.first)
        #expect(bench.observer.rollbacks.count == 1)
        #expect(rollback.from == undone.body.version && rollback.to == good.body.version)
        #expect(rollback.cause == command && rollback.author == "test" && rollback.reason == "a test" && rollback.evidence == nil)
        #expect(bench.observer.changes.last?.transition.resumption?.mode == "replay")
    }

    @Test func aRollbackByADetectorIsEnteredWithItsEvidence() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.input.write { $0.append(400, .labelled(1)) }
        try await trainer.catchUp()
        let rollback = try #require(bench.observer.rollbacks.first)
        let target = try #require(rollback.to)
        #expect(target <= good.body.version && rollback.from ?? 0 >= good.body.version && rollback.author == nil)
        #expect(rollback.evidence ?? 0 > 0 && rollback.threshold ?? 0 > 0 && !rollback.reason.isEmpty)
        // The freeze is entered once it is known what it did.
        let freeze = try #require(bench.observer.changes.first { $0.transition.isFreeze })
        #expect(freeze.transition.causes.map(\.id) == [rollback.cause])
        #expect(freeze.transition.causes[0].did == .rolledBack && freeze.transition.causes[0].rolledBackTo == target)
        #expect(freeze.ranges.map(\.from).allSatisfy { $0 <= 600 } && freeze.ranges.map(\.to).allSatisfy { $0 > 600 })
    }

    @Test func aFreezeThatEndsByItselfIsEntered() async throws {
        var feed = SampleFeed(seed: 11)
        feed.append(600)
        let bench = try LaneBench(feed) {
            $0.policy.stall = .after(seconds: 1_000)
            $0.policy.cleanEvents = 200
        }
        let trainer = try await bench.started()
        bench.input.write { feed in
            feed.append(60, .noPrice)
            feed.append(1_600)
        }
        for _ in 0..<4 { try await trainer.catchUp() }
        let look = await trainer.look
        #expect(!look.isFrozen && look.positions == [2_260])
        let end = try #require(bench.observer.changes.last { $0.transition.resumption != nil })
        #expect(end.transition.resumption?.author == "freshet" && end.transition.resumption?.command == nil)
        #expect(end.skips.map(\.from) == [600] && end.skips == look.state.skips)
        #expect(look.digest == digest(of: bench.input.contents, without: look.state.skips, fingerprint: try bench.fingerprint))
    }

    @Test func theStatusShowsWhatIsInDoubt() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.input.write { feed in
            feed.append(60, .noPrice)
            feed.append(100)
        }
        try await trainer.catchUp()
        bench.clock.advance(by: 2)
        try await trainer.stepAndSettle()
        let status = try #require(bench.observer.lastStatus)
        #expect(status.frozenRanges == [range(600, 760)] && status.cleanRun != nil)
    }

    @Test func aRangeThatCannotBeSetAsideIsRefused() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.observer.order(.freeze)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(50) }
        try await trainer.catchUp()
        bench.observer.order(.resume, mode: .skip, ranges: [range(600, 651)])
        bench.observer.order(.resume, mode: .replay, ranges: [range(600, 610)])
        try await trainer.stepAndSettle()
        let refused = bench.observer.answers.suffix(2).map(\.answer)
        #expect(refused.map(\.outcome) == [.refused, .refused])
        #expect(refused[0].detail.contains("not all held back") && refused[1].detail.contains("takes the mode skip"))
        #expect(await trainer.look.isFrozen)
        bench.observer.order(.resume, mode: .skip, ranges: [range(600, 610)])
        try await trainer.catchUp()
        let look = await trainer.look
        #expect(!look.isFrozen && look.state.counts.skipped == 10 && look.positions == [650])
        let detail = bench.observer.answers.last?.answer.detail
        #expect(detail == "resumed; offsets 600 to 610 of events[0] are set aside, and all others learnt")
    }
}
