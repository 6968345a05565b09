import Checkpointing
import Inspection
import Learning
import TestSupport
import Testing

@testable import Training

/// Commands: obeyed once, and answered once the log holds what they did.
@Suite struct CommandTests {
    private func bench(_ count: Int = 300, _ change: (inout LaneConfiguration) -> Void = { _ in }) throws -> LaneBench {
        var feed = SampleFeed(seed: 11)
        feed.append(count)
        return try LaneBench(feed, change)
    }

    private func outcomes(_ bench: LaneBench) -> [String] { bench.observer.answers.map { "\($0.answer.command) \($0.answer.outcome)" } }

    @Test func aCommandIsAnsweredOnceTheVersionWithItsEffectIsWritten() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        let id = bench.observer.order(.freeze)
        try await trainer.stepAndSettle()
        try await trainer.stepAndSettle()
        let answers = bench.observer.answers
        #expect(answers.count == 1 && answers[0].isInLog)
        #expect(answers[0].answer.command == id && answers[0].answer.outcome == .applied)
        #expect(answers[0].answer.version == bench.newest?.body.version)
        #expect(bench.newest?.body.state.gate.causes.map(\.id) == [id])
    }

    @Test func whileAVersionIsOnItsWayANewCommandWaitsForTheNext() async throws {
        let bench = try bench()
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let isClosed = Flag()
        let log = HookedLog(bench.topic) { call in
            if call == .commit, isClosed.value { for await _ in gate { break } }
        }
        let trainer = try await bench.started(log: log)
        isClosed.value = true
        bench.clock.advance(by: 6)
        try await trainer.step()
        let isWriting = await trainer.writing != nil
        #expect(isWriting)
        bench.observer.order(.freeze)
        try await trainer.step()
        #expect(await trainer.look.isFrozen && bench.observer.answers.isEmpty)
        isClosed.value = false
        opened.yield()
        await trainer.writing?.value
        #expect(bench.observer.answers.isEmpty && bench.newest?.body.state.gate.causes.isEmpty == true)
        try await trainer.stepAndSettle()
        #expect(bench.observer.answers.count == 1 && bench.observer.answers[0].isInLog)
    }

    @Test(arguments: [false, true]) func aCommandWhoseCommitWasLostIsObeyedByTheNextTrainerOnce(happened: Bool) async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        if happened { bench.topic.faults.lostCommitReplies = 1 } else { bench.topic.faults.lostCommits = 1 }
        bench.observer.order(.freeze)
        await #expect(throws: LogFailure.self) { try await trainer.stepAndSettle() }
        #expect(bench.observer.answers.isEmpty)
        let next = try await bench.started()
        try await next.stepAndSettle()
        #expect(outcomes(bench) == ["C100 applied"] && bench.observer.answers[0].isInLog)
        #expect(await next.look.state.gate.causes.count == 1)
        #expect(await next.look.state.commands == ["C100"])
    }

    @Test func whatCannotBeDoneIsRefusedAndSaysWhy() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.observer.order(.resume, mode: .skip)
        bench.observer.order(.rollback, version: 77)
        bench.observer.order(.rollback)
        bench.observer.order(.pin, version: 77)
        bench.observer.order(.freeze, expiresAt: bench.clock.wall)
        try await trainer.stepAndSettle()
        let details = bench.observer.answers.map(\.answer.detail)
        #expect(bench.observer.answers.allSatisfy { $0.answer.outcome == .refused } && details.count == 5)
        #expect(details[0].contains("not frozen") && details[1].contains("version 77 is not retained; these are: 1"))
        #expect(details[2].contains("names no version") && details[3].contains("not retained") && details[4].contains("expired"))
        #expect(await !trainer.look.isFrozen)
    }

    @Test func aRollbackIsAVersionWithTheOldModelAndItsClearance() async throws {
        let bench = try bench { $0.policy.stall = .after(seconds: 1_000) }
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.clock.advance(by: 3)
        try await trainer.stepAndSettle()
        #expect(bench.view.isCleared(good.id))
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        _ = try await trainer.version()
        bench.observer.order(.rollback, version: good.body.version)
        try await trainer.stepAndSettle()
        let back = try #require(bench.newest)
        #expect(back.body.restores == good.body.version && back.body.modelDigest == good.body.modelDigest)
        #expect(bench.view.isCleared(back.id) && bench.observer.answers[0].isInLog)
        let look = await trainer.look
        #expect(look.isFrozen && look.positions == [300] && look.inspected == [400])
    }

    /// The bits that a rollback promises are those in the log, not only those in its writer's memory.
    @Test func aRollbackOfManyPagesIsRestoredAsTheOldModel() async throws {
        var feed = SampleFeed(seed: 11, spread: 4_096)
        feed.append(300)
        let bench = try LaneBench(feed) {
            $0.policy.stall = .after(seconds: 1_000)
            $0.specification.learner.bits = 15
        }
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        let undone = try await trainer.version()
        #expect(good.pages.count == 7 && !zip(good.pages, undone.pages).contains { $0.digest == $1.digest })
        bench.observer.order(.rollback, version: good.body.version)
        try await trainer.stepAndSettle()
        let back = try #require(bench.newest)
        #expect(back.pages.map(\.digest) == good.pages.map(\.digest))
        _ = try await bench.started()
        #expect(bench.newest?.body.modelDigest == good.body.modelDigest && bench.newest?.body.parent?.version == back.body.version)
    }

    @Test(arguments: [ControlCommand.ResumeMode.replay, .skip])
    func aRollbackLearnsOnAtOnceIfToldHow(mode: ControlCommand.ResumeMode) async throws {
        let bench = try bench { $0.policy.stall = .after(seconds: 1_000) }
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        let undone = try await trainer.version()
        bench.observer.order(.rollback, version: good.body.version, mode: mode)
        try await trainer.stepAndSettle()
        let back = try #require(bench.newest)
        #expect(back.body.restores == good.body.version && back.body.modelDigest == good.body.modelDigest)
        try await trainer.catchUp()
        let last = try await trainer.version()
        let counts = last.body.state.counts
        #expect(!(await trainer.look.isFrozen) && last.body.state.inputs.map(\.next) == [400])
        #expect(counts.learnt == (mode == .replay ? 400 : 300) && counts.skipped == (mode == .replay ? 0 : 100))
        #expect((last.body.modelDigest == undone.body.modelDigest) == (mode == .replay))
    }

    @Test func aRollbackThatDiedBeforeItsClearanceInheritsItInTheNextLife() async throws {
        let bench = try bench { $0.policy.stall = .after(seconds: 1_000) }
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.clock.advance(by: 3)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        _ = try await trainer.version()
        bench.observer.order(.rollback, version: good.body.version)
        bench.topic.faults.lostCommitReplies = 1
        await #expect(throws: LogFailure.self) { try await trainer.stepAndSettle() }
        let back = try #require(bench.newest)
        #expect(back.body.restores == good.body.version && !bench.view.isCleared(back.id))
        let next = try await bench.started()
        #expect(bench.view.isCleared(back.id))
        let status = try #require(bench.observer.lastStatus)
        #expect(status.cleared == back.body.version)
        #expect(await next.look.isFrozen)
    }

    @Test func aCommandGivenBeforeTheFreezeDoesNotCutInOnTheRollback() async throws {
        let bench = try bench(600)
        let trainer = try await bench.started()
        _ = try await trainer.version()
        bench.input.write { $0.append(400, .labelled(1)) }
        // In one and the same step the detector freezes, a version is brought back, and a command resumes.
        while await !trainer.look.isFrozen {
            bench.observer.order(.resume, mode: .skip)
            try await trainer.stepAndSettle()
            if bench.observer.answers.last?.answer.outcome == .applied { break }
        }
        bench.input.write { $0.append(300) }
        for _ in 0..<4 {
            try await trainer.catchUp()
            guard await trainer.look.isFrozen else { break }
            bench.observer.order(.resume, mode: .skip)
        }
        let look = await trainer.look
        let model = digest(of: bench.input.contents, without: look.state.skips, fingerprint: try bench.fingerprint)
        #expect(!look.isFrozen && look.positions == [1_300] && look.digest == model)
        #expect(look.state.counts.skipped >= 400)
    }

    @Test func pinsOutliveTheLadder() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.observer.order(.pin, version: 1)
        try await trainer.stepAndSettle()
        // What waits for its clearance is kept, too.
        for _ in 0..<8 {
            bench.clock.advance(by: 3)
            _ = try await trainer.version()
        }
        #expect(await trainer.writer.rungs.first?.version == 1)
        bench.observer.order(.unpin, version: 1)
        try await trainer.stepAndSettle()
        bench.clock.advance(by: 3)
        _ = try await trainer.version()
        _ = try await trainer.version()
        #expect(await trainer.writer.rungs.allSatisfy { $0.version > 1 })
    }
}

@Suite struct ControlViewTests {
    private let command = ControlCommand(id: "A", action: .freeze, author: "me", reason: "", issuedAt: 0, expiresAt: 9)

    private func answer(_ lane: UInt16) -> ControlAnswer {
        ControlAnswer(command: "A", lane: lane, outcome: .applied, detail: "", version: 1, at: 0)
    }

    @Test func aCommandIsOpenForEachLaneUntilThatLaneAnswers() throws {
        var view = ControlView()
        view.apply(key: Array("command/A".utf8), value: try RecordJSON.encode(command))
        view.apply(key: Array("answer/A/1".utf8), value: try RecordJSON.encode(answer(1)))
        #expect(view.open(for: 0) == [command] && view.open(for: 1).isEmpty)
        view.apply(key: Array("command/A".utf8), value: nil)
        view.apply(key: Array("answer/A/1".utf8), value: nil)
        #expect(view.open(for: 0).isEmpty && view.answers.isEmpty)
    }

    @Test func recordsThatSayNothingArePassedOver() {
        var view = ControlView()
        for key in ["", "command", "command/", "other/A", "answer/A/0", "command/A"] { view.apply(key: Array(key.utf8), value: [1, 2]) }
        #expect(view.commands.isEmpty && view.answers.isEmpty)
    }
}
