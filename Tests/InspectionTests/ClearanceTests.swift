import Foundation
import Testing

@testable import Inspection

struct ClearanceTests {
    private func advance(
        _ clearance: inout Clearance, _ sequence: UInt64, at now: Double, suspect: Bool = false, frozen: Bool = false,
        changePoint: UInt64? = nil
    ) -> UInt64? {
        clearance.advance(inspected: sequence, suspect: suspect, frozen: frozen, changePoint: changePoint, at: now)
    }

    @Test func versionIsClearedOnceAfterTheHoldBack() {
        var clearance = Clearance()
        clearance.written(version: 7, inspectedThrough: 100, at: 10)
        #expect(advance(&clearance, 150, at: 11) == nil)
        #expect(advance(&clearance, 200, at: 11.9) == nil)
        #expect(advance(&clearance, 201, at: 12) == 7)
        #expect(advance(&clearance, 300, at: 20) == nil)
        #expect(clearance.waiting == [])
    }

    @Test func newestOfSeveralIsCleared() {
        var clearance = Clearance()
        for version in 1...5 as ClosedRange<UInt64> {
            clearance.written(version: version, inspectedThrough: version * 10, at: Double(version))
        }
        #expect(advance(&clearance, 60, at: 5.5) == 3)
        #expect(clearance.waiting == [4, 5])
    }

    @Test func silenceClearsToo() {
        var clearance = Clearance()
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        #expect(advance(&clearance, 100, at: 0) == nil)
        #expect(advance(&clearance, 100, at: 2) == 1)
    }

    @Test func eventsAskedForAreWaitedForWhileEventsCome() {
        var clearance = Clearance(holdBack: 2, holdBackEvents: 1000)
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        #expect(advance(&clearance, 500, at: 3) == nil)
        #expect(advance(&clearance, 1099, at: 4) == nil)
        #expect(advance(&clearance, 1100, at: 5) == 1)
    }

    @Test func eventsAskedForAreNotWaitedForInSilence() {
        var clearance = Clearance(holdBack: 2, holdBackEvents: 1000)
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        #expect(advance(&clearance, 500, at: 3) == nil)
        #expect(advance(&clearance, 500, at: 4.9) == nil)
        #expect(advance(&clearance, 500, at: 5) == 1)
    }

    @Test func suspicionHoldsAndCleanTimeCountsFromItsEnd() {
        var clearance = Clearance()
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        #expect(advance(&clearance, 200, at: 5, suspect: true) == nil)
        #expect(advance(&clearance, 300, at: 6) == nil)
        #expect(advance(&clearance, 400, at: 7) == 1)
    }

    @Test func versionPastTheChangePointIsNeverCleared() {
        var clearance = Clearance()
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        clearance.written(version: 2, inspectedThrough: 101, at: 0)
        #expect(advance(&clearance, 200, at: 1, suspect: true, frozen: true, changePoint: 100) == nil)
        #expect(clearance.waiting == [1])
        #expect(advance(&clearance, 300, at: 100, frozen: true) == nil)
        #expect(advance(&clearance, 300, at: 101) == nil)
        #expect(advance(&clearance, 300, at: 102) == 1)
        #expect(advance(&clearance, 300, at: 1000) == nil)
    }

    @Test func readBackTheHoldBackStartsAnew() throws {
        var clearance = Clearance()
        clearance.written(version: 1, inspectedThrough: 100, at: 5000)
        _ = advance(&clearance, 120, at: 5001)
        var restored = try JSONDecoder().decode(Clearance.self, from: JSONEncoder().encode(clearance))
        #expect(restored.waiting == [1])
        #expect(advance(&restored, 120, at: 3) == nil)
        #expect(advance(&restored, 120, at: 4.9) == nil)
        #expect(advance(&restored, 120, at: 5) == 1)
    }

    @Test func hugeHoldBackOverflowsNothing() {
        var clearance = Clearance(holdBack: 2, holdBackEvents: .max)
        clearance.written(version: 1, inspectedThrough: .max, at: 0)
        #expect(advance(&clearance, 5, at: 1) == nil)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func clearedVersionsRiseAndNoneHoldsASuspiciousEvent(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var clearance = Clearance(holdBack: 2, holdBackEvents: random.next() % 50)
        var (now, sequence, version, newest) = (0.0, 0 as UInt64, 0 as UInt64, 0 as UInt64)
        var end: [UInt64: UInt64] = [:]
        for _ in 0..<500 {
            now += random.uniform()
            sequence += random.next() % 40
            if random.happens(0.3) {
                version += 1
                end[version] = sequence
                clearance.written(version: version, inspectedThrough: sequence, at: now)
            }
            let changePoint = random.happens(0.02) ? sequence - min(sequence, random.next() % 100) : nil
            let isHeld = random.happens(0.05)
            let cleared = advance(&clearance, sequence, at: now, suspect: isHeld, changePoint: changePoint)
            if let changePoint { end = end.filter { $0.value <= changePoint } }
            guard let cleared else { continue }
            #expect(cleared > newest && end[cleared] != nil && !isHeld, "seed \(seed)")
            newest = cleared
        }
        #expect(newest > 0, "seed \(seed)")
    }
}

struct EvidenceClearanceTests {
    @Test func evidenceThatRunsHoldsBackWhatItMayBeIn() {
        var clearance = Clearance(holdBack: 2)
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        for second in 1...10 {
            let cleared = clearance.advance(
                inspected: UInt64(100 + second), suspect: false, evidence: 90, frozen: false, changePoint: nil, at: Double(second))
            #expect(cleared == nil)
        }
        #expect(clearance.advance(inspected: 111, suspect: false, evidence: 105, frozen: false, changePoint: nil, at: 12.5) == 1)
    }

    @Test func evidenceThatNothingCanEndHoldsNothingBack() {
        var clearance = Clearance(holdBack: 2)
        clearance.written(version: 1, inspectedThrough: 100, at: 0)
        let cleared = (1...10).compactMap {
            clearance.advance(inspected: 100, suspect: false, evidence: 99, frozen: false, changePoint: nil, at: Double($0))
        }
        #expect(cleared == [1])
    }
}
