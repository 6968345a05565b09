import Checkpointing
import Inspection
import Learning
import TestSupport
import Testing

@testable import Training

/// A lane that holds a model of another configuration.
@Suite struct SuccessionTests {
    private func feed(_ count: Int = 300) -> SampleFeed {
        var feed = SampleFeed(seed: 9)
        feed.append(count)
        return feed
    }

    /// A bench whose lane has a cleared version, and the specification of another learner.
    private func bench(_ succession: Succession) async throws -> (bench: LaneBench, other: ModelSpecification) {
        let bench = try LaneBench(feed()) { $0.succession = succession }
        let trainer = try await bench.started()
        try await trainer.writer.clear(try await trainer.version().body.version)
        var other = bench.configuration.specification
        other.learner.ftrl.alpha = 0.5
        return (bench, other)
    }

    private func started(_ bench: LaneBench, _ specification: ModelSpecification) async throws -> LaneTrainer {
        let trainer = try bench.trainer(specification: specification)
        try await trainer.start()
        try await trainer.catchUp()
        return trainer
    }

    @Test func aResetBeginsAnewAndNumbersGoOn() async throws {
        let (bench, other) = try await bench(.reset)
        let old = try #require(bench.newest)
        let trainer = try await started(bench, other)
        let version = try await trainer.version()
        #expect(version.body.version > old.body.version && version.body.state.counts.learnt == 300)
        var alone = EngineRun.specification
        alone.ftrl.alpha = 0.5
        let expected = digest(of: bench.input.contents, without: [], fingerprint: try other.fingerprint(), specification: alone)
        #expect(version.body.modelDigest == expected)
        let rungs = await trainer.writer.rungs
        #expect(rungs.filter(\.isUndone).map(\.version).contains(old.body.version) && rungs.last?.isUndone == false)
    }

    @Test func whatWasServedIsServedUntilTheNewModelIsCleared() async throws {
        let (bench, other) = try await bench(.reset)
        let old = try #require(bench.newest)
        let trainer = try await started(bench, other)
        for _ in 0..<8 { _ = try await trainer.version() }
        #expect(try await LaneReader(log: MemoryLog(bench.topic)).newestCleared(wait: .zero)?.manifest.id == old.id)
        let version = try await trainer.version()
        try await trainer.writer.clear(version.body.version)
        #expect(try await LaneReader(log: MemoryLog(bench.topic)).newestCleared(wait: .zero)?.manifest.id == version.id)
    }

    @Test func afterAResetTheOldConfigurationIsTheOther() async throws {
        let (bench, other) = try await bench(.reset)
        _ = try await started(bench, other).version()
        let failure = await #expect(throws: LogFailure.self) { try await bench.trainer(succession: .refuse).run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("--reset") == true)
        // The flag may stay in the command: there is nothing to succeed any more.
        let again = try await started(bench, other)
        #expect(await again.look.state.counts.learnt == 300)
    }

    @Test func aVersionOfTheModelBeforeIsNotBroughtBack() async throws {
        let (bench, other) = try await bench(.reset)
        let old = try #require(bench.newest)
        let trainer = try await started(bench, other)
        bench.observer.order(.rollback, version: old.body.version)
        try await trainer.stepAndSettle()
        let answer = try #require(bench.observer.answers.last?.answer)
        #expect(answer.outcome == .refused && answer.detail.contains("another configuration"))
    }

    @Test func aWarmStartKeepsSlotsPositionsAndTheAccount() async throws {
        let (bench, other) = try await bench(.warmStart)
        let old = try #require(bench.newest)
        bench.input.write { $0.append(100) }
        let trainer = try bench.trainer(specification: other)
        try await trainer.start()
        await trainer.writing?.value
        let first = try #require(bench.newest)
        #expect(first.body.fingerprint == (try other.fingerprint()) && first.body.parent == nil)
        #expect(first.pages.map(\.digest) == old.pages.map(\.digest) && first.body.state.globals == old.body.state.globals)
        #expect(first.body.state.inputs == old.body.state.inputs && first.body.state.counts == old.body.state.counts)
        #expect(first.body.state.metrics.total.examples == 0 && first.body.state.inspector.sequence == 0)
        try await trainer.catchUp()
        let look = await trainer.look
        #expect(look.positions == [400] && look.state.counts.learnt == 400)
    }

    @Test func aWarmStartIsRefusedWhereSlotsMeanSomethingElse() async throws {
        let (bench, _) = try await bench(.warmStart)
        var other = bench.configuration.specification
        other.learner.bits = 5
        let failure = await #expect(throws: LogFailure.self) { try await bench.trainer(specification: other).run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("learner.bits (4, now 5)") == true)
    }

    // MARK: - Versions of a newer build

    /// Adds a manifest as a later build would write it: another format, ending in its digest.
    private func writeNewer(than old: Manifest, to topic: MemoryTopic) async throws {
        var bytes = Array(try old.encoded().bytes.dropLast(16))
        bytes[4] = 2
        let digest = Digest128(of: bytes)
        for word in [digest.high, digest.low] { bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        let log = MemoryLog(topic)
        try log.fence()
        try log.begin()
        let id = VersionID(version: old.body.version + 1, writer: old.body.writer)
        _ = try log.append([LogEntry(.manifest(id, part: 0), ManifestParts.split(bytes)[0])])
        try log.commit([])
    }

    @Test func aVersionOfANewerFormatIsRefusedByNameAndReadersServeOn() async throws {
        let (bench, _) = try await bench(.refuse)
        let old = try #require(bench.newest)
        try await writeNewer(than: old, to: bench.topic)
        let failure = await #expect(throws: LogFailure.self) { try await bench.trainer().run() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("version \(old.body.version + 1)") == true)
        #expect(failure?.reason.contains("format 2, newer than this build reads") == true)
        let reader = LaneReader(log: MemoryLog(bench.topic))
        #expect(try await reader.newestCleared(wait: .zero)?.manifest.id == old.id)
        #expect(await reader.unservedRecord?.format == 2)
    }
}
