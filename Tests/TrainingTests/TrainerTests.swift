import Checkpointing
import Inspection
import Learning
import TestSupport
import Testing

@testable import Training

/// A lane from taking it to leaving it, on a log in memory.
@Suite struct TrainerTests {
    private func feed(_ count: Int = 300, partitions: Int = 1) -> SampleFeed {
        var feed = SampleFeed(partitions: partitions, seed: 9)
        feed.append(count)
        return feed
    }

    /// The model of one who reads the stream from beginning to end.
    private func expected(_ bench: LaneBench, without skips: [SkipRange] = []) throws -> Digest128 {
        digest(of: bench.input.contents, without: skips, fingerprint: try bench.fingerprint)
    }

    @Test func aNewModelHasAVersionBeforeItLearns() async throws {
        let bench = try LaneBench(feed())
        let trainer = try bench.trainer()
        try await trainer.start()
        await trainer.writing?.value
        let first = try #require(bench.newest)
        #expect(first.body.version == 1 && first.body.epoch == 1 && first.body.state.counts.accounted == 0)
        let accounted = await trainer.look.state.counts.accounted
        #expect(accounted == 0)
    }

    @Test func whatIsLearntIsWrittenOnCadence() async throws {
        let bench = try LaneBench(feed()) { $0.policy.stall = .after(seconds: 1_000) }
        let trainer = try await bench.started()
        let model = try expected(bench)
        #expect(await trainer.look.digest == model)
        #expect(bench.newest?.body.version == 1)
        bench.clock.advance(by: 4.9)
        try await trainer.stepAndSettle()
        #expect(bench.newest?.body.version == 1)
        bench.clock.advance(by: 0.2)
        try await trainer.stepAndSettle()
        let second = try #require(bench.newest)
        #expect(second.body.version == 2 && second.body.state.counts.learnt == 300)
        #expect(second.body.modelDigest == model)
        #expect(bench.topic.committedInputs.map(\.next) == [300])
        // Nothing changed: nothing is written.
        bench.clock.advance(by: 60)
        try await trainer.stepAndSettle()
        #expect(bench.newest?.body.version == 2)
    }

    @Test func theNextTrainerGoesOnWithTheSameBits() async throws {
        let bench = try LaneBench(feed(partitions: 3))
        let first = try await bench.started()
        _ = try await first.version()
        bench.input.write { $0.append(100) }
        try await first.catchUp()
        let second = try await bench.started()
        let (before, after, model) = (await first.look, await second.look, try expected(bench))
        #expect(after.state.counts == before.state.counts && after.state.inspector == before.state.inspector)
        #expect(after.digest == model && before.digest == model)
        bench.clock.advance(by: 1)
        try await second.stepAndSettle()
        let status = try #require(bench.observer.lastStatus)
        #expect(status.epoch == 2 && status.lag == 0 && status.counts.learnt == 400)
    }

    @Test func rejectedEventsGoWithTheVersion() async throws {
        let bench = try LaneBench(feed())
        bench.input.write {
            $0.append(1, .rejected); $0.append(100)
        }
        let trainer = try await bench.started()
        #expect(bench.topic.quarantined.isEmpty)
        bench.topic.faults.lostCommits = 1
        await #expect(throws: LogFailure.self) { _ = try await trainer.version() }
        #expect(bench.topic.quarantined.isEmpty)
        let next = try await bench.started()
        _ = try await next.version()
        #expect(bench.topic.quarantined.map(\.offset) == [300])
        bench.topic.faults.lostCommitReplies = 1
        bench.input.write {
            $0.append(1, .rejected); $0.append(100)
        }
        try await next.catchUp()
        await #expect(throws: LogFailure.self) { _ = try await next.version() }
        _ = try await bench.started().version()
        #expect(bench.topic.quarantined.map(\.offset) == [300, 401])
    }

    @Test func anotherConfigurationsTopicIsRefused() async throws {
        let bench = try LaneBench(feed())
        _ = try await bench.started().version()
        var other = bench.configuration.specification
        other.learner.bits = 5
        let trainer = try bench.trainer(specification: other)
        let failure = await #expect(throws: LogFailure.self) { _ = try await trainer.run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("another configuration") == true)
    }

    @Test func aDamagedOnlyVersionIsNoNewModel() async throws {
        let bench = try LaneBench(feed())
        let trainer = try bench.trainer()
        try await trainer.start()
        await trainer.writing?.value
        let offset = try #require(bench.view.newest?.offset)
        bench.topic.damage(at: offset) { $0.map { $0 ^ 1 } }
        let failure = await #expect(throws: LogFailure.self) { _ = try await bench.trainer().run() }
        #expect(failure?.kind == .permanent)
    }

    // MARK: - Leaving

    @Test func cancelledItWritesWhatItHasLearntAndLeaves() async throws {
        let bench = try LaneBench(feed())
        let trainer = try await bench.started()
        try await trainer.drain()
        #expect(bench.newest?.body.state.counts.learnt == 300)
        let count = bench.topic.records.count
        try await trainer.drain()
        #expect(bench.topic.records.count == count)
    }

    @Test func cancelledWhileFrozenItKeepsTheFreeze() async throws {
        let bench = try LaneBench(feed())
        bench.input.write { $0.append(60, .noPrice) }
        let trainer = try await bench.started()
        #expect(await trainer.look.isFrozen)
        bench.input.write { $0.append(20) }
        try await trainer.catchUp()
        bench.observer.order(.pin, version: 1)
        try await trainer.step()
        try await trainer.drain()
        let body = try #require(bench.newest?.body)
        #expect(body.state.gate.causes.map(\.kind) == [.missingField] && body.state.inputs[0].next <= 300)
        #expect(body.state.frozen?.inspected.map(\.offset) == [380])
        #expect(try await bench.started().look.inspected == [380])
    }

    @Test func whatIsHeldBackIsReadAgainByTheNextOne() async throws {
        let bench = try LaneBench(feed())
        let trainer = try await bench.started()
        bench.input.write { $0.append(3, .noPrice) }
        try await trainer.catchUp()
        #expect(await trainer.look.positions == [300])
        try await trainer.drain()
        let next = try await bench.started()
        bench.input.write { $0.append(300) }
        try await next.catchUp()
        let (look, model) = (await next.look, try expected(bench))
        #expect(look.positions == [603] && look.digest == model)
    }

    @Test func aTrainingWithAnEndLeavesAPinnedAndClearedVersion() async throws {
        let bench = try LaneBench(feed(partitions: 2)) {
            $0.until = .end
            $0.holdBack = Clearance(holdBack: 0)
        }
        let trainer = try bench.trainer()
        _ = try await trainer.run()
        let newest = try #require(bench.newest)
        let model = try expected(bench)
        #expect(newest.body.pinned && newest.body.state.counts.learnt == 300 && newest.body.modelDigest == model)
        #expect(bench.view.isCleared(newest.id))
    }

    // MARK: - The input topic

    @Test(arguments: [InputStart.earliest, .latest, .time(100)]) func aNewModelBeginsWhereItIsTold(start: InputStart) async throws {
        let bench = try LaneBench(feed(200, partitions: 2)) { $0.start = start }
        let trainer = try await bench.started()
        let begins: [Int64] = start == .earliest ? [0, 0] : start == .latest ? [100, 100] : [50, 50]
        #expect(await trainer.look.state.inputs.map(\.start) == begins)
        #expect(await trainer.look.positions == [100, 100])
    }

    @Test func aPartitionThatIsAddedIsReadFromItsStart() async throws {
        let bench = try LaneBench(feed())
        _ = try await bench.started().version()
        bench.input.write { feed in
            feed.addPartition()
            feed.append(100)
        }
        let next = try await bench.started()
        let (look, model) = (await next.look, try expected(bench))
        #expect(look.positions == [350, 50] && look.digest == model)
    }

    @Test func aTruncatedTopicStopsTheTrainer() async throws {
        let bench = try LaneBench(feed())
        _ = try await bench.started().version()
        bench.input.write { $0.truncate(to: 200) }
        let failure = await #expect(throws: LogFailure.self) { _ = try await bench.trainer().run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("truncated or created anew") == true)
    }

    @Test func aTopicMadeAnewStopsTheTrainerAlsoWhenItIsLonger() async throws {
        let bench = try LaneBench(feed())
        _ = try await bench.started().version()
        bench.input.write { $0.recreate(with: 500) }
        let before = try #require(bench.newest?.body.state)
        let failure = await #expect(throws: LogFailure.self) { _ = try await bench.trainer().run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("created anew") == true)
        #expect(bench.newest?.body.state.counts == before.counts)
    }

    @Test func aPartitionThatIsGoneStopsTheTrainer() async throws {
        let bench = try LaneBench(feed(partitions: 2))
        _ = try await bench.started().version()
        let other = MemoryInput(MemoryInputTopic(feed()))
        let failure = await #expect(throws: LogFailure.self) { _ = try await bench.trainer(source: other).run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("is gone") == true)
    }

    @Test(arguments: [false, true]) func retentionThatOvertookStopsTheTrainerUnlessItMayGoOn(mayGoOn: Bool) async throws {
        let bench = try LaneBench(feed()) { $0.continuesOverGaps = mayGoOn }
        _ = try await bench.started().version()
        bench.input.write { feed in
            feed.append(200)
            feed.retain(from: 400)
        }
        guard mayGoOn else {
            let failure = await #expect(throws: LogFailure.self) { _ = try await bench.trainer().run() }
            #expect(failure?.kind == .permanent && failure?.reason.contains("retention took offsets 300 to 399") == true)
            return
        }
        let next = try await bench.started()
        let look = await next.look
        #expect(look.positions == [500] && look.state.counts.gaps == 100 && look.state.counts.learnt == 400)
    }

    @Test func retentionThatOvertakesAFrozenLaneIsMetOnResume() async throws {
        let bench = try LaneBench(feed()) { $0.continuesOverGaps = true }
        let trainer = try await bench.started()
        bench.observer.order(.freeze)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(200) }
        try await trainer.catchUp()
        bench.input.write { $0.retain(from: 400) }
        bench.observer.order(.resume, mode: .replay)
        try await trainer.catchUp()
        let look = await trainer.look
        #expect(look.positions == [500] && look.state.counts.gaps == 100 && look.state.counts.learnt == 400)
    }
}
