import Events
import Learning
@testable import Publishing
import Synchronization
import Testing

@Suite("Snapshot box")
struct SnapshotBoxTests {
    @Test func readersNeverSeePartsOfTwoSnapshots() async {
        // Version v predicts what a model of v % 5 passes predicts: an answer that mixes two snapshots would show.
        let snapshots = (0..<5).map { Sample.snapshot(version: [UInt64($0)], passes: $0) }
        let expected = snapshots.map { predict(ServedModel($0)) }
        #expect(Set(expected).count == 5)
        let box = SnapshotBox()
        box.replace(with: snapshots[0])
        let race = Race()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    repeat {
                        guard let served = box.served else { continue }
                        let version = Int(served.snapshot.version[0])
                        if predict(served) != expected[version] || served.version != "\(version)" { race.mixed.add(1, ordering: .relaxed) }
                    } while !race.isDone.load(ordering: .relaxed)
                }
            }
            for round in 0..<2_000 { box.replace(with: snapshots[round % 5]) }
            race.isDone.store(true, ordering: .relaxed)
        }
        #expect(race.mixed.load(ordering: .relaxed) == 0)
    }

    @Test func gateChangesWithoutANewVersion() {
        let box = SnapshotBox()
        box.update(gate: GateView(state: .frozen))
        #expect(box.current == nil)
        box.replace(with: Sample.snapshot())
        box.update(gate: GateView(state: .frozen))
        #expect(box.current?.gate.state == .frozen)
        #expect(box.current?.versionText == "42")
        #expect(box.history.count == 1)
    }

    @Test func historyIsBoundedAndKeepsTheNewest() {
        let box = SnapshotBox(historyLimit: 3)
        for version in 1...5 { box.replace(with: Sample.snapshot(version: [UInt64(version)])) }
        #expect(box.history.map(\.version) == ["3", "4", "5"])
        box.replace(with: Sample.snapshot(version: [5]))
        #expect(box.history.map(\.version) == ["3", "4", "5"])
    }

    @Test func newSnapshotClearsTheNotice() {
        let box = SnapshotBox()
        box.update(notice: "Version 1 was refused.")
        #expect(box.notice == "Version 1 was refused.")
        box.replace(with: Sample.snapshot())
        #expect(box.notice == nil)
    }

    @Test func inventedFieldNamesDoNotStayInMemory() {
        let pool = DecoderPool(DecoderPool.Key(schema: Sample.schema, task: .binary, bits: 10))
        let first = pool.withDesk { desk in
            desk.batch.fieldNames = (0..<5_000).map { "field\($0)" }
            return ObjectIdentifier(desk.decoder)
        }
        pool.withDesk { desk in
            #expect(desk.batch.fieldNames.isEmpty)
            #expect(ObjectIdentifier(desk.decoder) != first || desk.batch.fieldNames.isEmpty)
        }
    }

    @Test func decodersAreKeptAcrossVersionsOfOneSchema() {
        let pool = DecoderPool(DecoderPool.Key(schema: Sample.schema, task: .binary, bits: 10))
        let first = pool.withDesk { ObjectIdentifier($0) }
        #expect(pool.withDesk { ObjectIdentifier($0) } == first)
    }
}

private final class Race: Sendable {
    let isDone = Atomic<Bool>(false)
    let mixed = Atomic<Int>(0)
}

private func predict(_ served: ServedModel) -> Float {
    served.predict { decoder, batch in
        unsafe Array(PredictTests.flower.utf8).withUnsafeBytes { bytes in
            _ = unsafe decoder.decode(bytes, purpose: .prediction, fallbackTime: 0, into: &batch)
        }
    }[0]
}
