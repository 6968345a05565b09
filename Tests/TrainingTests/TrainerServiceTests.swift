import EmbeddedBroker
import Kafka
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Checkpointing
@testable import Training

/// A member of the group whose lane hangs, or that the group does not take.
struct TrainerServiceTests {
    private let broker: EmbeddedBroker
    private let hand = Hand()

    init() throws {
        broker = try EmbeddedBroker()
        try broker.createTopic("m.checkpoint", partitions: 1)
    }

    private final class Hand: Sendable {
        private let time = Mutex(0.0)
        var now: Double { time.withLock { $0 } }
        func move(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    /// An owner that is in the midst of a call which does not return, whoever asks.
    private final class HangingOwner: LaneOwner {
        let tenures = Mutex<[Tenure]>([])
        let returns = Flag()

        func run(during tenure: Tenure) async throws -> LaneEnd {
            tenures.withLock { $0.append(tenure) }
            while !returns.value { await Task.detached { try? await Task.sleep(for: .milliseconds(20)) }.value }
            return tenure.isOver ? .parked : .left
        }

        var isAskedToLetGo: Bool { tenures.withLock { $0.first?.isOver == true } }
        var count: Int { tenures.withLock { $0.count } }
    }

    private func service(_ owner: HangingOwner, _ watches: CommitWatches) -> TrainerService {
        TrainerService(
            TrainerService.Configuration(
                checkpointTopic: "m.checkpoint", group: "m.lanes",
                properties: [
                    "bootstrap.servers": broker.bootstrapServers, "heartbeat.interval.ms": "100", "statistics.interval.ms": "100",
                ],
                startedAt: 1, endsWithLanes: false), watches: watches, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _ in TrainerService.RunningLane(owner: owner) {} }
    }

    private var watches: CommitWatches {
        let hand = hand
        return CommitWatches(interval: .seconds(5), now: { hand.now })
    }

    private func waitUntil(_ what: String, _ isTrue: () -> Bool) async throws {
        _ = try await eventually(what, by: .now + .seconds(240)) { isTrue() ? true : nil }
    }

    /// Lets time pass until a process has ended.
    private func passUntilItEnds(_ run: Task<Void, any Error>) async -> LogFailure? {
        let hasEnded = Flag()
        async let end = run.result
        let passing = Task { [hand] in
            while !hasEnded.value {
                hand.move(2)
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        let result = await end
        hasEnded.value = true
        await passing.value
        if case .failure(let error) = result { return error as? LogFailure }
        return nil
    }

    /// Takes the lane away by a rebalance, as when another member joins.
    private func rebalance() { broker.pushErrors(apiKey: KafkaAPI.heartbeat.rawValue, errors: [27]) }

    @Test func `a lane that does not let go in a rebalance ends the process with its name`() async throws {
        let owner = HangingOwner()
        let service = service(owner, watches)
        let run = Task { try await service.run() }
        try await waitUntil("an owner") { owner.count == 1 }
        rebalance()
        try await waitUntil("a word to let go") { owner.isAskedToLetGo }
        let failure = await passUntilItEnds(run)
        #expect(failure?.kind == .permanent && failure?.reason.contains("lane 0 was to be let go of") == true)
        owner.returns.value = true
    }

    @Test func `a lane that lets go late goes on after the rebalance`() async throws {
        let owner = HangingOwner()
        let service = service(owner, watches)
        let run = Task { try await service.run() }
        try await waitUntil("an owner") { owner.count == 1 }
        rebalance()
        try await waitUntil("a word to let go") { owner.isAskedToLetGo }
        for _ in 0..<59 {
            hand.move(10)
            try await Task.sleep(for: .milliseconds(10))
        }
        owner.returns.value = true
        try await waitUntil("the lane again") { owner.count > 1 }
        run.cancel()
        try await run.value
    }

    @Test func `a lane that hangs when the process is to end does not hold it up for ever`() async throws {
        let owner = HangingOwner()
        let service = service(owner, watches)
        let run = Task { try await service.run() }
        try await waitUntil("an owner") { owner.count == 1 }
        run.cancel()
        try await waitUntil("a word to let go") { owner.isAskedToLetGo }
        #expect(await passUntilItEnds(run)?.kind == .permanent)
        owner.returns.value = true
    }

    @Test func `a process that finds no coordinator is overdue, and not once it is a member`() async throws {
        let (owner, watches) = (HangingOwner(), watches)
        owner.returns.value = true
        broker.pushErrors(apiKey: KafkaAPI.findCoordinator.rawValue, errors: Array(repeating: 15, count: 10_000))
        let service = service(owner, watches)
        let run = Task { try await service.run() }
        try await waitUntil("a verdict") {
            hand.move(9)
            watches.answered()
            return watches.look() != nil
        }
        #expect(watches.look()?.lane == nil && owner.count == 0)
        broker.clearErrors(apiKey: KafkaAPI.findCoordinator.rawValue)
        try await waitUntil("an owner") { owner.count > 0 }
        try await waitUntil("peace") { watches.look() == nil }
        run.cancel()
        try await run.value
    }
}
