import Checkpointing
import Inspection
import Learning
import Logging
import TestSupport
import Testing

@testable import Training

/// A version from a file comes to a lane whose partitions have changed lanes since it was exported.
@Suite struct ImportLanesTests {
    private let world: GrowingWorld

    init() throws { world = try GrowingWorld(partitions: 4) }

    private func file(of version: UInt64) async throws -> VersionFile {
        let restored = try await LaneReader(log: MemoryLog(world.topics[0])).version(version)
        return VersionFile(try #require(restored))
    }

    private func importer(_ file: VersionFile, of lanes: UInt16, start: InputStart? = nil) throws -> LaneImporter {
        let (share, specification, clock) = (LaneShare(lane: 0, of: lanes), world.specification, world.clock)
        let identity = LaneIdentity(
            model: "sample", lane: 0, of: lanes, fingerprint: try specification.fingerprint(), specification: try specification.text(),
            pageCount: specification.learner.pageCount, host: "test", build: "test")
        return LaneImporter(
            file: file, start: start, specification: specification,
            writer: LaneWriter(log: MemoryLog(world.topics[0]), identity: identity, now: { clock.wall }),
            source: MemoryInput(world.input, share: share), others: MemoryLanes(topics: world.topics, of: lanes, but: 0, wait: nil),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// What lane 0 has become once it has learnt all there is.
    private func learn(of lanes: UInt16) async throws -> LaneState {
        let trainer = try await world.trainer(lane: 0, of: lanes)
        try await trainer.start()
        try await trainer.catchUp()
        return try await trainer.version().body.state
    }

    private func checkAccount(_ state: LaneState) {
        #expect(state.counts.accounted == state.inputs.reduce(0) { $0 + UInt64($1.accounted) })
    }

    /// A version of lane 0 before a second one took half of its input, and the file of it.
    private func grown() async throws -> VersionFile {
        world.produce(200)
        try await world.learn(lanes: 1)
        let version = try #require(world.newest(0)?.body.version)
        world.produce(200)
        try await world.learn(lanes: 1)
        let file = try await file(of: version)
        try await world.learn(lanes: 2)
        return file
    }

    @Test func whatWasHandedOverSinceStaysWithTheOtherLane() async throws {
        _ = try await importer(try await grown(), of: 2).run()
        let brought = try #require(world.newest(0)?.body.state)
        #expect(brought.inputs.map(\.next) == [50, 100, 50, 100] && brought.inputs.map(\.isHandedOver) == [false, true, false, true])
        let state = try await learn(of: 2)
        #expect(state.counts.learnt == 300 && state.counts.skipped == 100)
        checkAccount(state)
    }

    @Test(arguments: [InputStart.earliest, .latest]) func toldWhereToBeginItStillTellsWhatItHandedOver(start: InputStart) async throws {
        _ = try await importer(try await grown(), of: 2, start: start).run()
        let state = try #require(world.newest(0)?.body.state)
        let next: Int64 = start == .earliest ? 0 : 100
        #expect(state.inputs.map(\.partition) == [0, 2, 1, 3] && state.inputs.map(\.next) == [next, next, 100, 100])
        #expect(state.inputs.map(\.isHandedOver) == [false, false, true, true] && state.counts.learnt == 0)
        checkAccount(state)
        checkAccount(try await learn(of: 2))
    }

    /// Lanes 1, 2 and 3: partition 3 goes to lane 1 and comes back.
    @Test func aPartitionThatCameBackIsReadOnWhereItWasTakenOver() async throws {
        world.produce(200)
        try await world.learn(lanes: 1)
        let early = try #require(world.newest(0)?.body.version)
        world.produce(200)
        try await world.learn(lanes: 1)
        try await world.letGo(lane: 0, of: 2)
        let away = try #require(world.newest(0)?.body.version)
        let files = [try await file(of: early), try await file(of: away)]
        for lanes in [2, 3, 3] {
            world.produce(200)
            try await world.learn(lanes: UInt16(lanes))
        }
        for file in files {
            _ = try await importer(file, of: 3).run()
            let back = world.newest(0)?.body.state.inputs.first { $0.partition == 3 }
            #expect(back?.next == 150 && back?.accounted == 100)
            let state = try await learn(of: 3)
            #expect(state.inputs.first { $0.partition == 3 }.map { [$0.next, $0.accounted] } == [250, 200])
            checkAccount(state)
        }
    }

    /// Lane 0 learns, undoes it, and hands over what it has not learnt again.
    @Test func aFileWhoseEventsAnotherLaneLearnsIsRefusedAndTheLaneIsAsItWas() async throws {
        world.produce(200)
        try await world.learn(lanes: 1)
        let undone = try #require(world.newest(0)?.body.version)
        let trainer = try await world.trainer(lane: 0, of: 1)
        try await trainer.start()
        await trainer.writing?.value
        world.observer.order(.rollback, version: 1, mode: .replay)
        try await trainer.stepAndSettle()
        let file = try await file(of: undone)
        try await world.letGo(lane: 0, of: 2)
        let before = world.topics[0].records.count
        let importer = try importer(file, of: 2)
        let failure = await #expect(throws: LogFailure.self) { try await importer.run() }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("has learnt events of events[1] that another lane has taken over") == true)
        #expect(failure?.reason.contains("--start") == true && world.topics[0].records.count == before)
    }
}

/// What the decision is made of.
@Suite struct ImportPlanTests {
    private let file: Manifest.Body
    private var place: ImportPlace

    init() throws {
        let world = try GrowingWorld(partitions: 4)
        world.produce(400)
        file = try #require(world.sample(lane: 0)).moved { $0.next = 50 }
        place = ImportPlace(model: "sample", share: LaneShare(lane: 0, of: 1), others: [], available: world.input.contents.available)
    }

    private func plan(_ start: InputStart? = nil) throws -> LaneState { try ImportPlan(file, at: place, start: start).state }

    private func sight(_ lane: UInt16, counted: UInt16? = 2, _ body: Manifest.Body?) -> LaneSight {
        LaneSight(lane: lane, newest: body.map { Manifest(body: $0, pages: []) }, counted: counted)
    }

    private func other(_ lane: UInt16, _ change: (inout InputPosition) -> Void) -> Manifest.Body {
        var body = file.moved(change)
        body.lane = lane
        return body
    }

    @Test func aLogThatIsAheadOrBehindGivesTheFilesPositions() throws {
        for next in [0, 20, 50, 80, 100] as [Int64] {
            var place = place
            place.lane = file.moved { $0.next = next }
            #expect(try ImportPlan(file, at: place, start: nil).state.inputs.map(\.next) == [50, 50, 50, 50])
        }
    }

    @Test func anotherLanesVersionIsNotBroughtToOneThatHasLearnt() throws {
        #expect(try plan().inputs.count == 4)
        var other = place
        other.lane = file
        other.lane?.lane = 3
        #expect(throws: ImportRefusal.noPositions("it is a version of lane 0, and lane 3 has learnt other events")) {
            try ImportPlan(file, at: other, start: nil)
        }
        #expect(try ImportPlan(file, at: other, start: .latest).state.inputs.map(\.next) == [100, 100, 100, 100])
    }

    @Test(arguments: [nil, InputStart.latest]) func whatAnotherLaneReadsIsRefused(start: InputStart?) throws {
        var held = place
        held.others = [sight(1, other(1) { $0.isHandedOver = $0.partition != 2 })]
        #expect(throws: ImportRefusal.notLetGoOf("events[2]", by: 1)) { try ImportPlan(file, at: held, start: start) }
        // The lane's own log says that it is its.
        held.lane = file
        #expect(try ImportPlan(file, at: held, start: start).state.inputs.count == 4)
    }

    @Test func whatOneWhoCountedFewerLanesMayReadIsRefused() throws {
        var place = place
        place.share = LaneShare(lane: 0, of: 3)
        place.available = [place.available[0], place.available[3]]
        place.lane = file.moved { $0.isHandedOver = $0.partition != 0 }
        place.others = [sight(1, counted: 2, nil)]
        #expect(throws: ImportRefusal.notLetGoOf("events[3]", by: nil)) { try ImportPlan(file, at: place, start: .latest) }
        place.others = [sight(1, counted: 3, nil)]
        #expect(try ImportPlan(file, at: place, start: .latest).state.inputs.filter { !$0.isHandedOver }.map(\.partition) == [0, 3])
        place.others = [sight(1, counted: nil, nil)]
        #expect(try ImportPlan(file, at: place, start: .latest).state.inputs.count == 4)
    }

    /// The lane's own log is lost.
    @Test func whatAnotherLaneHasLearntFurtherIsRefusedByName() throws {
        var place = place
        place.others = [
            sight(
                1,
                other(1) { input in
                    input.isHandedOver = true
                    input.next = input.partition == 3 ? 70 : 50
                })
        ]
        #expect(throws: ImportRefusal.learntElsewhere("events[3]", learnt: .init(lane: 1, from: 50, to: 70))) {
            try ImportPlan(file, at: place, start: nil)
        }
        #expect(try ImportPlan(file, at: place, start: .earliest).state.inputs.map(\.next) == [0, 0, 0, 0])
    }

    /// What was handed over and has come back: after a beginning no version before it fits any more.
    @Test func aBeginningIsToldApartFromWhatALaneTookOver() throws {
        var place = place
        place.lane = file.moved { $0.taken = $0.partition == 1 ? 20 : nil }
        let state = try ImportPlan(file, at: place, start: .latest).state
        #expect(state.inputs.map(\.taken) == [nil, 100, nil, nil] && state.inputs.map(\.accounted) == [0, 0, 0, 0])
        #expect(state.learntElsewhere(file.state.inputs)?.partition == 1)
    }

    @Test func aPartitionThatCameAfterTheFileBeginsWhereItsTopicDoes() throws {
        var place = place
        place.lane = file
        var young = file
        young.state.inputs.removeLast()
        place.available[3].low = 30
        #expect(try ImportPlan(young, at: place, start: nil).state.inputs.map { [$0.start, $0.next] }.last == [30, 30])
    }
}

extension Manifest.Body {
    /// With every input changed.
    fileprivate func moved(_ change: (inout InputPosition) -> Void) -> Manifest.Body {
        var body = self
        for index in body.state.inputs.indices { change(&body.state.inputs[index]) }
        return body
    }
}
