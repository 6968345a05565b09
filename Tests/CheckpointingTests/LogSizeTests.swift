import Learning
import Synchronization
import TestSupport
import Testing

@testable import Checkpointing

/// What a lane's log takes once the cleaner has been there.
@Suite struct LogSizeTests {
    private static let pages = 64
    private static let slots = 4_096

    /// Pages changed a version, of 64.
    @Test(arguments: [1, 8, 32, 64]) func theLogStaysWithinOnePlusChurnTimesModelTimesRetained(changed: Int) async throws {
        let topic = MemoryTopic()
        let retention = Retention(latest: 8, hourly: 0, daily: 0)
        let clock = Counter()
        let writer = LaneWriter(
            log: MemoryLog(topic), identity: LaneSample.identity(pages: Self.pages), retention: retention, scrubVersions: 16,
            now: { clock.next() })
        _ = try await writer.take()
        for version in 0..<80 {
            var cut = (version == 0 ? Set(0..<Self.pages) : Set((0..<changed).map { (version * changed + $0) % Self.pages }))
            cut.formUnion(await writer.scrubDue)
            _ = try await writer.write(
                LaneSample.cut(next: Int64(version), Dictionary(uniqueKeysWithValues: cut.map { ($0, UInt8(version)) }), size: Self.slots))
            topic.compact()
        }
        let retained = await writer.rungs.count
        let bytes = topic.records.reduce(0) { $0 + $1.key.count + ($1.value?.count ?? 0) }
        let model = Self.pages * Self.slots
        let churn = Double(changed) / Double(Self.pages)
        #expect(Double(bytes) <= (1 + churn) * Double(model) * Double(retained), "\(Double(bytes) / Double(model)) models")
        // What is shared is there once: two copies of the model, and what each version changed or scrubbed.
        let scrubbed = 1 / 16.0
        #expect(Double(bytes) <= (2 + (churn + scrubbed) * Double(retained + 1)) * Double(model) * 1.1 + 100_000)
    }
}

private final class Counter: Sendable {
    private let time = Atomic<Int64>(0)
    func next() -> Int64 { time.add(1, ordering: .relaxed).newValue }
}
