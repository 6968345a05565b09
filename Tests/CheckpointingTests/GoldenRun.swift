import Inspection
import Learning
import TestSupport
import Testing

@testable import Checkpointing

/// The run whose records are the golden ones. Nothing in it is left to chance.
///
///     one trainer     1 pinned, 2 tombstoned, 3 cleared and off the ladder, 4 undone, 5 brings back 3 and is cleared
///     the next one    6 frozen, with all that a state may hold, cleared; 7 the newest. Their manifests are in parts
struct GoldenRun: ~Copyable {
    /// As `ModelSpecification` writes it.
    private static let specification = """
        {"events":{"declared":{"price":{"range":[0,1000],"required":true,"type":"number"}},"fields":"/features","hashSeed":0,\
        "label":"/label","limits":{"depth":32,"documentBytes":1048576,"features":10000},"numbers":"raw","time":"/ts","undeclared":"learn"},\
        "learner":{"bits":13,"ftrl":{"alpha":0.1,"beta":1,"lambda1":0,"lambda2":0},"influence":1,"task":"binary"}}
        """
    private let topic = MemoryTopic()
    private let fingerprint = Digest128(of: Array(Self.specification.utf8))
    private var learner = Learner(LearnerSpecification(task: .binary, bits: 13))
    private var metrics = WindowedMetrics(task: .binary, windowLength: 40, keepLast: 2)
    private var inspector = Inspector(
        configuration: InspectionConfiguration(policy: [.labelRate: .freeze], required: ["price"], learningEvents: 100), task: .binary)

    /// What there is once all of it has happened.
    static func tell() async throws -> GoldenLog {
        var run = GoldenRun()
        try await run.train()
        return try await run.harvest()
    }

    private mutating func train() async throws {
        let first = writer(0xA1)
        _ = try await first.take()
        try await write(to: first, learning: 30) { $0.pinned = true }
        try await write(to: first, learning: 30, isCleared: true)
        let good = try await write(to: first, learning: 30, isCleared: true)
        try await write(to: first, learning: 30)
        let restored = try await first.restore(version: good.body.version)
        let slots = try #require(restored).slots
        for (index, page) in slots { try learner.load(page: index, from: page) }
        learner.restore(good.body.state.globals)
        (metrics, inspector) = (good.body.state.metrics, good.body.state.inspector)
        try await write(to: first, isCleared: true) { cut in
            cut.restores = good
            cut.pages = slots.sorted { $0.key < $1.key }.map { CutPage(index: $0.key, slots: $0.value) }
        }
        let second = writer(0xB2, partBytes: 2 << 10)
        _ = try await second.take()
        for _ in 0..<20 { _ = inspector.observe(rejected: .notJSON) }
        try await write(to: second, isCleared: true) { cut in
            cut.state.fill()
            cut.imported = Manifest.Origin(good.body)
        }
        try await write(to: second, learning: 30)
    }

    private func writer(_ name: UInt64, partBytes: Int = ManifestParts.bytesPerPart) -> LaneWriter {
        var limits = WriteLimits()
        limits.partBytes = partBytes
        let identity = LaneIdentity(
            model: "flowers", lane: 0, fingerprint: fingerprint, specification: Self.specification, pageCount: learner.pageCount,
            host: "node-3", build: "golden")
        return LaneWriter(
            log: MemoryLog(topic), identity: identity, retention: Retention(latest: 3, hourly: 0, daily: 0), limits: limits,
            writer: WriterID(bits: name), now: { 1_800_000_000_000 })
    }

    @discardableResult
    private mutating func write(
        to writer: LaneWriter, learning count: UInt64 = 0, isCleared: Bool = false, _ change: (inout Cut) -> Void = { _ in }
    ) async throws -> Manifest {
        for number in inspector.sequence..<inspector.sequence + count { learn(number) }
        var pages: [CutPage] = []
        for index in learner.takeDirtyPages() { pages.append(CutPage(index: index, slots: learner.page(index))) }
        var cut = Cut(state: state, pages: pages, modelDigest: learner.digest(fingerprint: fingerprint))
        change(&cut)
        let manifest = try await writer.write(cut)
        if isCleared { try await writer.clear(manifest.body.version) }
        return manifest
    }

    /// The second page is touched by the first events alone: later versions share it.
    private mutating func learn(_ number: UInt64) {
        var batch = ExampleBatch()
        batch.fieldNames = ["price", "country"]
        batch.appendFeature(slot: 7, value: Float(10 + number * 37 % 50), field: 0)
        batch.appendFeature(slot: (number < 60 ? 4_096 : 8) + UInt32(number % 5), value: 1, field: 1)
        batch.appendRow(label: number % 3 == 0 ? 1 : 0, weight: 1, time: 1_000 + Int64(number))
        _ = inspector.observe(0, of: batch)
        let prediction = learner.learn(0, of: batch)
        metrics.observe(prediction: prediction, label: batch.labels[0], weight: 1)
    }

    private var state: LaneState {
        var input = InputPosition(topic: "purchases", partition: 0, start: 0)
        input.next = Int64(inspector.sequence)
        input.last = .init(offset: input.next - 1, checksum: "11a7006e6bf9ec53")
        var stall = StallDetector()
        stall.started(at: 0)
        for second in [1, 2.5, 2.75] { stall.arrived(count: 1, at: second) }
        var state = LaneState(
            inputs: [input], globals: learner.globals, metrics: metrics, inspector: inspector, stall: stall, gate: Gate())
        state.counts.learnt = learner.globals.examples
        state.counts.quarantined = inspector.sequence - learner.globals.examples
        state.eventTimes = 1_000...(1_000 + input.next)
        state.recent = [InspectedRun(input: 0, offset: 0, count: input.next)]
        return state
    }

    private func harvest() async throws -> GoldenLog {
        topic.compact()
        let served = try await LaneReader(log: MemoryLog(topic)).newestCleared(wait: .zero)
        let file = try VersionFile(try #require(served)).encoded()
        return GoldenLog(versions: try await GoldenLog.versions(in: topic), records: topic.records, file: file)
    }
}

extension LaneState {
    /// Everything that it need not hold.
    fileprivate mutating func fill() {
        let (end, order) = (inputs[0].next, "01M8573D9ZW3W4RZVV0EKWEEWZ")
        _ = gate.freeze(FreezeCause(id: "reject-rate", kind: .rejectRate, detail: "Many.", since: 5, evidence: 28, threshold: 28))
        _ = gate.freeze(FreezeCause(id: order, kind: .operatorOrder, detail: "odd", since: 6, author: "ada", reason: "odd"))
        let place = InputOffset(topic: "purchases", partition: 0, offset: end)
        frozen = FrozenRange(changePoint: [place], inspected: [place])
        skips = [SkipRange(topic: "purchases", partition: 0, from: 1, to: 2, reason: "reject-rate")]
        twin = TwinState(version: 5, eventTime: 4, task: .binary)
        twin?.twinMetrics = metrics.total
        stall.mode = .after(seconds: 30)
        commands = [order]
        counts.quarantinedByReason = ["not-json": counts.quarantined]
        inputs[0].quarantined = end
        inputs.append(InputPosition(topic: "purchases", partition: 1, start: 0))
        inputs[1].isHandedOver = true
    }
}
