import Checkpointing
import Inspection
import Learning
import Testing

@testable import Training

/// Input partitions that come and go while a lane is learnt.
@Suite struct DiscoveryTests {
    private func bench(partitions: Int = 1, _ change: (inout LaneConfiguration) -> Void = { _ in }) throws -> LaneBench {
        var feed = SampleFeed(partitions: partitions, seed: 9)
        feed.append(300)
        return try LaneBench(feed) {
            $0.policy.stall = .after(seconds: 1_000)
            change(&$0)
        }
    }

    /// Lets time pass until the trainer looks, and lets it find what there is.
    private func look(_ trainer: LaneTrainer, _ bench: LaneBench) async throws {
        try await trainer.stepAndSettle()
        bench.clock.advance(by: 10)
        try await trainer.stepAndSettle()
        await trainer.discovery.looking?.value
        try await trainer.stepAndSettle()
    }

    @Test func anAddedPartitionIsLearntFromItsStartWithoutARestart() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.input.write { feed in
            feed.addPartition()
            feed.append(100)
        }
        try await look(trainer, bench)
        try await trainer.catchUp()
        let look = await trainer.look
        #expect(look.positions == [350, 50] && look.state.inputs.map(\.start) == [0, 0])
        // The version that knows the partition is written at once, and the account goes on.
        #expect(bench.newest?.body.state.inputs.count == 2 && look.state.counts.accounted == 400)
        #expect(bench.newest?.body.epoch == 1)
    }

    @Test func anAddedPartitionIsTakenUpWhileFrozen() async throws {
        let bench = try bench()
        let trainer = try await bench.started()
        bench.observer.order(.freeze)
        try await trainer.stepAndSettle()
        bench.input.write { feed in
            feed.addPartition()
            feed.append(100)
        }
        try await look(trainer, bench)
        try await trainer.catchUp()
        #expect(await trainer.look.inspected == [350, 50])
        #expect(await trainer.look.state.counts.learnt == 300)
        bench.observer.order(.resume, mode: .replay)
        try await trainer.catchUp()
        let look = await trainer.look
        #expect(look.positions == [350, 50] && look.state.counts.learnt == 400)
    }

    @Test func aTrainingWithAnEndTakesWhatThereWas() async throws {
        let bench = try bench { $0.until = .count(1_000) }
        let trainer = try await bench.started()
        bench.input.write { $0.addPartition() }
        try await look(trainer, bench)
        #expect(await trainer.look.state.inputs.count == 1)
    }

    @Test func partitionsThatVanishEndTheLaneAndTheNextOneSaysWhich() async throws {
        let bench = try bench(partitions: 2)
        let trainer = try await bench.started()
        _ = try await trainer.version()
        bench.input.write { $0.removePartition() }
        let failure = await #expect(throws: LogFailure.self) { try await look(trainer, bench) }
        #expect(failure?.kind == .indefinite)
        let next = await #expect(throws: LogFailure.self) { try await bench.trainer().run() }
        #expect(next?.kind == .permanent && next?.reason.contains("events[1] is gone") == true)
    }
}
