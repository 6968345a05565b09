import Checkpointing
import Inspection
import Learning
import Logging
import TestSupport
import Testing

@testable import Training

/// A version as a file, and back.
@Suite struct ImportTests {
    private func feed(_ count: Int = 300, partitions: Int = 1, seed: UInt64 = 9) -> SampleFeed {
        var feed = SampleFeed(partitions: partitions, seed: seed)
        feed.append(count)
        return feed
    }

    /// The newest version of a bench, once it has learnt all there is, as bytes of a file.
    private func file(of bench: LaneBench, clear: Bool = true) async throws -> VersionFile {
        let trainer = try await bench.started()
        let manifest = try await trainer.version()
        if clear { try await trainer.writer.clear(manifest.body.version) }
        let restored = try #require(try await trainer.writer.restore(version: manifest.body.version))
        return try VersionFile(decoding: VersionFile(restored).encoded())
    }

    private func importer(_ file: VersionFile, into bench: LaneBench, model: String = "sample", start: InputStart? = nil) throws
        -> LaneImporter
    {
        let specification = bench.configuration.specification
        let clock = bench.clock
        let identity = LaneIdentity(
            model: model, lane: 0, fingerprint: try specification.fingerprint(), specification: try specification.text(),
            pageCount: specification.learner.pageCount, host: "test", build: "test")
        return LaneImporter(
            file: file, start: start, specification: specification,
            writer: LaneWriter(log: MemoryLog(bench.topic), identity: identity, retention: LaneBench.retention, now: { clock.wall }),
            source: MemoryInput(bench.input), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func aLostTopicGoesOnFromTheFileWithTheSameBits() async throws {
        let bench = try LaneBench(feed())
        let file = try await file(of: bench)
        bench.input.write { $0.append(200) }
        let new = try LaneBench(bench.input.contents)
        _ = try await importer(file, into: new).run()
        let version = try #require(new.newest)
        #expect(version.body.imported == Manifest.Origin(file.manifest.body) && version.body.restores == nil)
        #expect(version.body.modelDigest == file.manifest.body.modelDigest && new.view.isCleared(version.id))
        let trainer = try await new.started()
        let (look, model) = (await trainer.look, digest(of: new.input.contents, without: [], fingerprint: try new.fingerprint))
        #expect(look.digest == model && look.positions == [500] && look.state.counts.learnt == 500)
    }

    @Test func overALaneItIsANewVersionAsARollbackIs() async throws {
        let bench = try LaneBench(feed())
        let file = try await file(of: bench, clear: false)
        bench.input.write { $0.append(200) }
        let last = try await bench.started().version()
        _ = try await importer(file, into: bench).run()
        let version = try #require(bench.newest)
        #expect(version.body.version > last.body.version)
        #expect(version.body.modelDigest == file.manifest.body.modelDigest && version.body.state.counts.learnt == 300)
        #expect(!bench.view.isCleared(version.id))
        // What lies past the file's version is undone, what it descends from is not.
        let undone = version.body.ladder.filter(\.isUndone).map(\.version)
        #expect(undone.contains(last.body.version) && !undone.contains(file.manifest.body.version))
        let (look, model) = (
            try await bench.started().look, digest(of: bench.input.contents, without: [], fingerprint: try bench.fingerprint)
        )
        #expect(look.digest == model && look.state.counts.learnt == 500)
    }

    @Test(arguments: [InputStart.earliest, .latest]) func toldWhereToBeginItCountsAnew(start: InputStart) async throws {
        let file = try await file(of: try LaneBench(feed()))
        let bench = try LaneBench(feed(100, seed: 5))
        _ = try await importer(file, into: bench, model: "other", start: start).run()
        let state = try #require(bench.newest?.body.state)
        let next: Int64 = start == .earliest ? 0 : 100
        #expect(state.inputs.map(\.next) == [next] && state.inputs.map(\.start) == [next] && state.counts == EventCounts())
        let look = try await bench.started().look
        #expect(look.positions == [100] && look.state.counts.learnt == (start == .earliest ? 100 : 0))
    }

    @Test func theLaneKeepsItsFreeze() async throws {
        let bench = try LaneBench(feed())
        let file = try await file(of: bench)
        let trainer = try await bench.started()
        bench.observer.order(.freeze)
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        _ = try await trainer.version()
        _ = try await importer(file, into: bench).run()
        let state = try #require(bench.newest?.body.state)
        #expect(state.gate.causes.map(\.kind) == [.operatorOrder] && state.frozen?.inspected.map(\.offset) == [400])
    }

    // MARK: - Refusals

    private func expectRefusal(_ sentence: String, of importer: LaneImporter, _ bench: LaneBench) async throws {
        let before = bench.topic.records.count
        let failure = await #expect(throws: LogFailure.self) { try await importer.run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains(sentence) == true, "\(failure?.reason ?? "")")
        #expect(bench.topic.records.count == before, "a refusal leaves the lane as it was")
    }

    @Test func anotherFingerprintIsRefused() async throws {
        let file = try await file(of: try LaneBench(feed()))
        let bench = try LaneBench(feed()) { $0.specification.learner.ftrl.alpha = 0.5 }
        try await expectRefusal("another configuration", of: try importer(file, into: bench), bench)
    }

    @Test func aTopicThatDoesNotHaveThePositionsIsRefusedUnlessToldWhereToBegin() async throws {
        let file = try await file(of: try LaneBench(feed(partitions: 2)))
        let short = try LaneBench(feed(100, partitions: 2))
        try await expectRefusal("--start", of: try importer(file, into: short), short)
        let fewer = try LaneBench(feed())
        try await expectRefusal("is not an input", of: try importer(file, into: fewer), fewer)
        let taken = try LaneBench(feed(partitions: 2))
        taken.input.write { feed in
            feed.append(100)
            feed.retain(from: 170)
        }
        try await expectRefusal("offsets 170 to 200", of: try importer(file, into: taken), taken)
    }

    @Test func aTopicThatWasMadeAnewIsRefused() async throws {
        let bench = try LaneBench(feed())
        let file = try await file(of: bench)
        bench.input.write { $0.recreate(with: 500) }
        try await expectRefusal("made anew", of: try importer(file, into: bench), bench)
    }

    @Test func anotherModelsPositionsAreNotTaken() async throws {
        let bench = try LaneBench(feed())
        let file = try await file(of: bench)
        let new = try LaneBench(bench.input.contents)
        try await expectRefusal("model 'sample'", of: try importer(file, into: new, model: "other"), new)
    }

    @Test func slotsThatAreNotTheModelsAreRefused() async throws {
        let bench = try LaneBench(feed())
        var file = try await file(of: bench)
        file.manifest.body.modelDigest = Digest128(high: 1, low: 1)
        try await expectRefusal("digest", of: try importer(file, into: bench), bench)
    }
}
