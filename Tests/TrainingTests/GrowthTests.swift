import Events
import Inspection
import Learning
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Checkpointing
@testable import Training

/// Lanes that become more while events flow.
@Suite struct GrowthTests {
    private let world: GrowingWorld

    init() throws { world = try GrowingWorld(partitions: 4) }

    @Test func partitionsGoFromLaneToLaneAndEveryEventIsLearntOnce() async throws {
        world.produce(400)
        try await world.learn(lanes: 1)
        world.produce(100)
        try await world.learn(lanes: 2)
        world.produce(100)
        try await world.learn(lanes: 4)
        world.produce(100)
        let bodies = try await world.learn(lanes: 4)
        #expect(bodies.map { $0.state.inputs.filter { !$0.isHandedOver }.map(\.partition) } == [[0], [1], [2], [3]])
        #expect(bodies.reduce(0) { $0 + $1.state.counts.learnt } == 700)
        for body in bodies {
            #expect(body.state.counts.accounted == body.state.inputs.reduce(0) { $0 + UInt64($1.next - $1.start) })
        }
    }

    @Test func lanesThatAreNoMultipleGiveAndTake() async throws {
        for lanes in [1, 2, 3, 4] {
            world.produce(100)
            try await world.learn(lanes: UInt16(lanes))
        }
        let bodies = try await world.learn(lanes: 4)
        #expect(bodies.reduce(0) { $0 + $1.state.counts.learnt } == 400)
        for body in bodies {
            #expect(body.state.counts.accounted == body.state.inputs.reduce(0) { $0 + UInt64($1.next - $1.start) })
        }
    }

    @Test func aNewLaneBeginsWithTheModelOfTheOneItCameFrom() async throws {
        world.produce(400)
        try await world.learn(lanes: 1)
        let old = try await world.trainer(lane: 0, of: 2)
        try await old.start()
        await old.writing?.value
        let new = try await world.trainer(lane: 1, of: 2)
        try await new.start()
        await new.writing?.value
        let (theirs, ours) = (await old.look, await new.look)
        #expect(ours.digest == theirs.digest && ours.state.counts.learnt == 0)
        // And what was written of it can be restored.
        let again = try await world.trainer(lane: 1, of: 2)
        try await again.start()
        #expect(await again.look.digest == theirs.digest)
    }

    @Test func aLaneThatDiesAfterItTookOverBeginsAgainWhereItWasHandedOver() async throws {
        world.produce(400)
        try await world.learn(lanes: 1)
        try await world.letGo(lane: 0, of: 2)
        world.produce(100)
        for _ in 0..<2 {
            // The owner record is written; the first version is not.
            let commits = Mutex(0)
            let log = HookedLog(world.topics[1]) { call throws(LogFailure) in
                guard call == .commit else { return }
                let count = commits.withLock { count in
                    count += 1
                    return count
                }
                if count > 1 { throw LogFailure(.indefinite, "died") }
            }
            let dying = try await world.trainer(lane: 1, of: 2, log: log)
            await #expect(throws: LogFailure.self) {
                try await dying.start()
                try await dying.catchUp()
            }
        }
        let bodies = try await world.learn(lanes: 2)
        #expect(bodies.reduce(0) { $0 + $1.state.counts.learnt } == 500)
    }

    /// Lanes 1, 2 and 3, and partition 3 comes back to lane 0 before lane 1 has ever written a version.
    @Test func aPartitionThatComesBackUnreadIsReadOnWhereItWasLetGoOf() async throws {
        world.produce(400)
        try await world.learn(lanes: 1)
        try await world.letGo(lane: 0, of: 2)
        _ = try await world.trainer(lane: 1, of: 3).writer.take()
        let trainer = try await world.trainer(lane: 0, of: 3)
        try await trainer.start()
        try await trainer.catchUp()
        let state = try await trainer.version().body.state
        #expect(state.inputs.filter { !$0.isHandedOver }.map(\.partition).sorted() == [0, 3])
        #expect(state.inputs.count == 4 && state.counts.learnt == 400)
    }

    /// One who counted the lanes before there were more may be about to take all partitions for its own.
    @Test func aNewLaneWaitsUntilTheOthersKnowHowManyThereAre() async throws {
        world.produce(100)
        let waiting = Mutex(0)
        let trainer = try await world.trainer(lane: 1, of: 2) { [world] in
            let looks = waiting.withLock { looks in
                looks += 1
                return looks
            }
            if looks == 2 { _ = try? await world.trainer(lane: 0, of: 1).writer.take() }
            if looks == 4 { _ = try? await world.trainer(lane: 0, of: 2).writer.take() }
        }
        try await trainer.start()
        #expect(waiting.withLock { $0 } == 4)
        #expect(await trainer.look.state.inputs.map(\.partition) == [1, 3])
        // And who counted them before is turned away.
        let late = try await world.trainer(lane: 0, of: 1)
        let failure = await #expect(throws: LogFailure.self) { try await late.start() }
        #expect(failure?.kind == .indefinite)
    }

    @Test func aRollbackLeavesWithTheOtherLaneWhatWasHandedOver() async throws {
        world.produce(200)
        try await world.learn(lanes: 1)
        let version = try #require(world.newest(0)?.body.version)
        world.produce(200)
        try await world.learn(lanes: 1)
        try await world.learn(lanes: 2)
        let trainer = try await world.trainer(lane: 0, of: 2)
        try await trainer.start()
        await trainer.writing?.value
        world.observer.order(.rollback, version: version)
        try await trainer.stepAndSettle()
        world.observer.order(.resume, mode: .replay)
        try await trainer.stepAndSettle()
        try await trainer.catchUp()
        let state = await trainer.look.state
        #expect(state.inputs.filter { !$0.isHandedOver }.map(\.partition) == [0, 2])
        #expect(state.counts.learnt == 300)
        #expect(state.counts.skipped == 100)
        #expect(state.counts.accounted == state.inputs.reduce(0) { $0 + UInt64($1.next - $1.start) })
    }

    /// Lanes 1, 2 and 3: partition 3 goes to lane 1 and comes back.
    @Test func aRollbackReadsOnWhereAPartitionThatCameBackWasTakenOver() async throws {
        world.produce(200)
        try await world.learn(lanes: 1)
        let early = try #require(world.newest(0)?.body.version)
        world.produce(200)
        try await world.learn(lanes: 1)
        try await world.letGo(lane: 0, of: 2)
        let away = try #require(world.newest(0)?.body.version)
        for lanes in [2, 3, 3] {
            world.produce(200)
            try await world.learn(lanes: UInt16(lanes))
        }
        // Partition 3: lane 0 has learnt 0 to 100 and 150 to 250, lane 1 what lies between.
        for version in [early, away] {
            let trainer = try await world.trainer(lane: 0, of: 3)
            try await trainer.start()
            await trainer.writing?.value
            world.observer.order(.rollback, version: version)
            try await trainer.stepAndSettle()
            let back = await trainer.look.state.inputs.first { $0.partition == 3 }
            #expect(back?.next == 150 && back?.accounted == 100)
            world.observer.order(.resume, mode: .replay)
            try await trainer.stepAndSettle()
            try await trainer.catchUp()
            let state = try await trainer.version().body.state
            #expect(state.inputs.first { $0.partition == 3 }.map { [$0.next, $0.accounted] } == [250, 200])
            #expect(state.counts.accounted == state.inputs.reduce(0) { $0 + UInt64($1.accounted) })
        }
        #expect(world.observer.answers.map(\.answer.outcome) == [.applied, .applied, .applied, .applied])
    }

    /// Lane 0 learns, undoes it, and hands over what it has not learnt again.
    @Test func aVersionIsNotBroughtBackWhoseEventsAnotherLaneLearns() async throws {
        world.produce(200)
        try await world.learn(lanes: 1)
        let undone = try #require(world.newest(0)?.body.version)
        let trainer = try await world.trainer(lane: 0, of: 1)
        try await trainer.start()
        await trainer.writing?.value
        world.observer.order(.rollback, version: 1, mode: .replay)
        try await trainer.stepAndSettle()
        #expect(world.newest(0)?.body.state.inputs.map(\.next) == [0, 0, 0, 0])
        try await world.letGo(lane: 0, of: 2)
        let grown = try await world.trainer(lane: 0, of: 2)
        try await grown.start()
        await grown.writing?.value
        world.observer.order(.rollback, version: undone)
        try await grown.stepAndSettle()
        let answer = try #require(world.observer.answers.last?.answer)
        #expect(answer.outcome == .refused && answer.detail.contains("would be learnt twice"))
        try await grown.catchUp()
        let state = try await grown.version().body.state
        #expect(state.counts.learnt == 100 && state.inputs.map(\.next) == [50, 0, 50, 0])
    }

    @Test func aFrozenLaneKeepsWhatItHasUntilItIsResumed() async throws {
        world.produce(200)
        let first = try await world.trainer(lane: 0, of: 1)
        try await first.start()
        try await first.catchUp()
        world.observer.order(.freeze)
        try await first.stepAndSettle()
        let frozen = try await world.trainer(lane: 0, of: 2)
        try await frozen.start()
        await frozen.writing?.value
        let manifest = try #require(world.newest(0))
        #expect(Handover(topic: SampleFeed.topic, partition: 1, in: [manifest]) == .held(by: 0))
        world.observer.order(.resume, mode: .replay)
        try await frozen.stepAndSettle()
        let after = try #require(world.newest(0))
        guard case .handedOver(by: 0, _, let input, _) = Handover(topic: SampleFeed.topic, partition: 1, in: [after]) else {
            Issue.record("it was not handed over")
            return
        }
        #expect(input.next == 50)
    }

    @Test func whatLiesAheadInTheLedgerIsHandedOverToo() throws {
        var body = try #require(world.sample(lane: 0))
        body.state.inputs[1].next = 10
        body.state.inputs[1].isHandedOver = true
        body.state.skips = [
            SkipRange(topic: SampleFeed.topic, partition: 1, from: 2, to: 5, reason: "behind"),
            SkipRange(topic: SampleFeed.topic, partition: 1, from: 12, to: 15, reason: "ahead"),
            SkipRange(topic: SampleFeed.topic, partition: 2, from: 12, to: 15, reason: "another's"),
        ]
        let handover = Handover(topic: SampleFeed.topic, partition: 1, in: [Manifest(body: body, pages: [])])
        guard case .handedOver(_, _, _, let skips) = handover else {
            Issue.record("\(handover)")
            return
        }
        #expect(skips.map(\.reason) == ["ahead"])
        #expect(Handover(topic: SampleFeed.topic, partition: 9, in: [Manifest(body: body, pages: [])]) == .never)
    }
}

/// Four logs, one input, and trainers of as many lanes as there are at the time.
struct GrowingWorld {
    let topics = (0..<4).map { _ in MemoryTopic() }
    let input: MemoryInputTopic
    let observer: RecordingObserver
    let clock = ManualClock()
    let specification: ModelSpecification

    init(partitions: Int) throws {
        input = MemoryInputTopic(SampleFeed(partitions: partitions, seed: 23))
        observer = RecordingObserver(topics[0])
        specification = ModelSpecification(learner: EngineRun.specification, events: try EventSchema())
    }

    func produce(_ count: Int) { input.write { $0.append(count) } }

    /// - Parameter wait: called instead of waiting for the other lanes.
    func trainer(
        lane: UInt16, of lanes: UInt16, log: (any CheckpointLog)? = nil, wait: (@Sendable () async -> Void)? = nil
    ) async throws -> LaneTrainer {
        var policy = EngineRun.policy
        policy.stall = .after(seconds: 1_000)
        let share = LaneShare(lane: lane, of: lanes)
        let configuration = LaneConfiguration(share: share, specification: specification, policy: policy)
        let identity = LaneIdentity(
            model: "sample", lane: lane, of: lanes, fingerprint: try specification.fingerprint(), specification: try specification.text(),
            pageCount: specification.learner.pageCount, host: "test", build: "test")
        let clock = clock
        return LaneTrainer(
            configuration: configuration,
            writer: LaneWriter(
                log: log ?? MemoryLog(topics[Int(lane)]), identity: identity, retention: Retention(latest: 32, hourly: 0, daily: 0),
                scrubVersions: 2,
                now: { clock.wall }),
            source: MemoryInput(input, share: share), others: MemoryLanes(topics: topics, of: lanes, but: lane, wait: wait),
            observer: observer,
            clock: TrainerClock(monotonic: { clock.now }, wall: { clock.wall }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// As when the group has handed out that many lanes: those that were there let go first, whatever they may have to wait for.
    @discardableResult
    func learn(lanes: UInt16) async throws -> [Manifest.Body] {
        for lane in 0..<lanes where newest(Int(lane)) != nil { try await letGo(lane: lane, of: lanes) }
        for lane in 0..<lanes {
            let trainer = try await trainer(lane: lane, of: lanes)
            try await trainer.start()
            try await trainer.catchUp()
            try await trainer.version()
        }
        return (0..<Int(lanes)).compactMap { newest($0)?.body }
    }

    /// Takes a lane, and lets go of what is another's.
    func letGo(lane: UInt16, of lanes: UInt16) async throws {
        try await trainer(lane: lane, of: lanes).takeAndHandOver()
    }

    func newest(_ lane: Int) -> Manifest? {
        var view = LaneView(fingerprint: nil, keepsSlots: false)
        for record in topics[lane].records { view.apply(record) }
        return view.newest?.manifest
    }

    func sample(lane: UInt16) -> Manifest.Body? {
        let inputs = input.contents.inputs
        var state = LaneState(
            inputs: inputs, globals: LearnerGlobals(), metrics: WindowedMetrics(task: .binary),
            inspector: Inspector(configuration: InspectionConfiguration(), task: .binary), stall: StallDetector(), gate: Gate())
        state.inputs = inputs
        return Manifest.Body(
            model: "sample", lane: lane, version: 1, epoch: 1, writer: .random(), fingerprint: Digest128(high: 1, low: 1),
            specification: "{}", pageCount: 1, restoreFrom: 0, owners: [], ladder: [], pinned: false, state: state,
            modelDigest: Digest128(high: 1, low: 1),
            createdAt: 0, host: "test", build: "test")
    }
}

extension LaneTrainer {
    fileprivate func takeAndHandOver() async throws {
        if let restored = try await writer.take() {
            try engine.adopt(restored, keepingDecisions: false)
            current = restored.manifest
        }
        try await handOver()
    }
}

/// The other lanes in memory.
struct MemoryLanes: OtherLanes {
    private let topics: [MemoryTopic]
    private let lanes: UInt16
    private let lane: UInt16
    private let pause: (@Sendable () async -> Void)?

    init(topics: [MemoryTopic], of lanes: UInt16, but lane: UInt16, wait: (@Sendable () async -> Void)?) {
        self.topics = topics
        self.lanes = lanes
        self.lane = lane
        pause = wait
    }

    func wait(_ time: Duration) async throws {
        if let pause { await pause() } else { try await Task.sleep(for: time) }
    }

    func look() async throws(LogFailure) -> [LaneSight] {
        var sights: [LaneSight] = []
        for (index, topic) in topics.prefix(Int(lanes)).enumerated() where index != Int(lane) {
            sights.append(try await LaneReader(log: MemoryLog(topic)).sight(of: UInt16(index)))
        }
        return sights
    }

    func restore(version: UInt64, of lane: UInt16) async throws(LogFailure) -> RestoredVersion? {
        try await LaneReader(log: MemoryLog(topics[Int(lane)])).version(version)
    }
}
