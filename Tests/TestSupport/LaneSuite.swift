public import Checkpointing
import Inspection
public import Learning
import Testing

/// What every log must show, run against `MemoryLog` here and against a broker in the integration tests.
public struct LaneSuite: Sendable {
    /// A new handle on the same log.
    public var open: @Sendable () async throws -> any CheckpointLog
    /// Milliseconds since 1970, one more at each call.
    public var clock: @Sendable () -> Int64

    public init(open: @escaping @Sendable () async throws -> any CheckpointLog, clock: @escaping @Sendable () -> Int64) {
        self.open = open
        self.clock = clock
    }

    public func writer(retention: Retention = Retention(latest: 3, hourly: 0, daily: 0), scrub: Int = 4) async throws -> LaneWriter {
        LaneWriter(log: try await open(), identity: LaneSample.identity(), retention: retention, scrubVersions: scrub, now: clock)
    }

    public func aNewLogHasNoVersion() async throws {
        #expect(try await writer().take() == nil)
        #expect(try await LaneReader(log: try await open()).newestCleared(wait: .zero) == nil)
    }

    public func whatIsWrittenIsRestored() async throws {
        let first = try await writer()
        _ = try await first.take()
        _ = try await first.write(LaneSample.cut(next: 10, [0: 1, 1: 1]))
        let second = try await first.write(LaneSample.cut(next: 20, [1: 2, 5: 2]))
        #expect(second.body.version > 1)
        let restored = try #require(try await writer().take())
        #expect(restored.manifest == second)
        #expect(restored.slots.mapValues { $0[0] } == [0: 1, 1: 2, 5: 2])
        #expect(restored.manifest.body.state.inputs[0].next == 20)
    }

    public func aReaderSeesOnlyWhatWasCleared() async throws {
        let writer = try await writer()
        _ = try await writer.take()
        let reader = LaneReader(log: try await open())
        let first = try await writer.write(LaneSample.cut(next: 10, [0: 1]))
        _ = try await writer.write(LaneSample.cut(next: 20, [0: 2]))
        #expect(try await reader.newestCleared(wait: .milliseconds(50)) == nil)
        try await writer.clear(first.body.version)
        let served = try await news(reader)
        #expect(served.manifest == first)
        #expect(served.slots[0]?[0] == 1)
        #expect(try await reader.newestCleared(wait: .zero) == nil)
        let third = try await writer.write(LaneSample.cut(next: 30, [1: 3]))
        try await writer.clear(third.body.version)
        let next = try await news(reader)
        #expect(next.manifest == third)
        #expect(next.slots.mapValues { $0[0] } == [0: 2, 1: 3])
        // One who comes later finds the same.
        let late = try await news(LaneReader(log: try await open()))
        #expect(late.manifest == third && late.slots == next.slots)
    }

    /// The next version a reader hands out; the log tells when there is one.
    private func news(_ reader: LaneReader) async throws -> RestoredVersion {
        for _ in 0..<200 {
            if let version = try await reader.newestCleared(wait: .milliseconds(50)) { return version }
        }
        throw LogFailure(.indefinite, "the reader saw no cleared version")
    }

    public func theOneWhoTookTheLaneLastOwnsIt() async throws {
        let old = try await writer()
        _ = try await old.take()
        _ = try await old.write(LaneSample.cut(next: 10, [0: 1]))
        let new = try await writer()
        _ = try await new.take()
        let failure = await #expect(throws: LogFailure.self) { _ = try await old.write(LaneSample.cut(next: 20, [0: 9])) }
        #expect(failure?.kind == .fenced)
        let written = try await new.write(LaneSample.cut(next: 15, [0: 2]))
        let restored = try #require(try await writer().take())
        #expect(restored.manifest == written)
        #expect(restored.slots[0]?[0] == 2)
    }

    public func oneWhoStoodByTakesWhatTheOthersWouldTake() async throws {
        let (old, standby) = (try await writer(), try await writer())
        try await standby.standBy(wait: .zero)
        _ = try await old.take()
        for step in 1...12 {
            _ = try await old.write(LaneSample.cut(next: Int64(step), [1 + step % 7: UInt8(step), 0: UInt8(step)]))
            if step % 3 == 0 { try await standby.standBy(wait: .milliseconds(50)) }
        }
        let taken = try #require(try await standby.take())
        #expect(taken.slots.mapValues { $0[0] } == [0: 12, 1: 7, 2: 8, 3: 9, 4: 10, 5: 11, 6: 12, 7: 6])
        let next = try await standby.write(LaneSample.cut(next: 13, [3: 13]))
        let cold = try #require(try await writer().take())
        #expect(cold.manifest == next && cold.slots == taken.slots.merging([3: [UInt8](repeating: 13, count: 64)]) { $1 })
    }

    public func everyRetainedVersionCanBeRestoredAfterManyMore() async throws {
        let writer = try await writer()
        _ = try await writer.take()
        var contents: [UInt64: [Int: UInt8]] = [:]
        var pages: [Int: UInt8] = [:]
        for step in 1...20 {
            let changed = Dictionary([step % 8, (step * 3) % 8].map { ($0, UInt8(step)) }) { $1 }
            pages.merge(changed) { $1 }
            // Scrubbed pages are written again as they are.
            var cut = changed
            for index in await writer.scrubDue where cut[index] == nil { cut[index] = pages[index] }
            let manifest = try await writer.write(LaneSample.cut(next: Int64(step), cut))
            contents[manifest.body.version] = pages
        }
        let retained = await writer.rungs.map(\.version)
        #expect(retained.count == 4)
        for version in retained {
            let restored = try #require(try await writer.restore(version: version))
            #expect(restored.slots.mapValues { $0[0] } == contents[version])
        }
        #expect(try await writer.restore(version: 2) == nil)
        // Nobody else needs more than what the newest refers to.
        let again = try #require(try await self.writer().take())
        #expect(again.slots.mapValues { $0[0] } == pages)
    }

    public func aRollbackIsANewVersionWithTheOldSlots() async throws {
        let writer = try await writer(retention: Retention(latest: 8, hourly: 0, daily: 0))
        _ = try await writer.take()
        let good = try await writer.write(LaneSample.cut(next: 10, [0: 1, 1: 1]))
        _ = try await writer.write(LaneSample.cut(next: 20, [0: 66, 2: 66]))
        let restored = try #require(try await writer.restore(version: good.body.version))
        var cut = LaneSample.cut(next: 10, [0: 1])
        cut.restores = restored.manifest
        let back = try await writer.write(cut)
        #expect(back.body.restores == good.body.version)
        #expect(back.body.version > good.body.version)
        let taken = try #require(try await self.writer().take())
        #expect(taken.slots.mapValues { $0[0] } == [0: 1, 1: 1])
    }

    public func aPinnedVersionStaysUntilUnpinned() async throws {
        let writer = try await writer()
        _ = try await writer.take()
        var cut = LaneSample.cut(next: 1, [0: 1])
        cut.pinned = true
        let pinned = try await writer.write(cut).body.version
        for step in 2...9 { _ = try await writer.write(LaneSample.cut(next: Int64(step), [0: UInt8(step)])) }
        #expect(try await writer.restore(version: pinned)?.slots[0]?[0] == 1)
        var unpin = LaneSample.cut(next: 10, [0: 10])
        unpin.pins = [pinned: false]
        _ = try await writer.write(unpin)
        _ = try await writer.write(LaneSample.cut(next: 11, [0: 11]))
        #expect(await writer.rungs.contains { $0.version == pinned } == false)
    }

    public func anotherModelsTopicIsRefused() async throws {
        let writer = try await writer()
        _ = try await writer.take()
        _ = try await writer.write(LaneSample.cut(next: 1, [0: 1]))
        let other = LaneWriter(
            log: try await open(), identity: LaneSample.identity(fingerprint: Digest128(high: 9, low: 9)), now: clock)
        let failure = await #expect(throws: LogFailure.self) { _ = try await other.take() }
        #expect(failure?.kind == .permanent)
    }
}

/// Values a lane is written with in tests.
public enum LaneSample {
    public static let fingerprint = Digest128(high: 1, low: 2)

    public static func identity(pages: Int = 8, fingerprint: Digest128 = fingerprint) -> LaneIdentity {
        LaneIdentity(
            model: "sample", lane: 0, fingerprint: fingerprint, specification: "{}", pageCount: pages, host: "test", build: "test")
    }

    public static func state(next: Int64 = 0) -> LaneState {
        var input = InputPosition(topic: "events", partition: 0, start: 0)
        input.next = next
        return LaneState(
            inputs: [input], globals: LearnerGlobals(), metrics: WindowedMetrics(task: .binary),
            inspector: Inspector(configuration: InspectionConfiguration(), task: .binary), stall: StallDetector(), gate: Gate())
    }

    /// A cut whose pages hold one byte value each.
    public static func cut(next: Int64, _ pages: [Int: UInt8], size: Int = 64) -> Cut {
        let pages = pages.sorted { $0.key < $1.key }.map { CutPage(index: $0.key, slots: [UInt8](repeating: $0.value, count: size)) }
        return Cut(state: state(next: next), pages: pages, modelDigest: fingerprint)
    }
}
