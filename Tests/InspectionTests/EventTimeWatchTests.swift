import Foundation
import Testing

@testable import Inspection

struct EventTimeWatchTests {
    private static let step: Int64 = 100
    private static let day: Int64 = 86_400_000

    /// What was found in events of three partitions, each in its own order a day from the others, and then of the first alone: event →
    /// findings.
    private func findings(
        after good: Int, count: Int = 4_000, then time: (Int) -> Int64
    ) -> [Int: EventTimeWatch.Findings] {
        var watch = EventTimeWatch(learningEvents: 500, logRunLength: 28)
        var found: [Int: EventTimeWatch.Findings] = [:]
        for number in 0..<good + count {
            let isGood = number < good
            let usual = Int64(number) * Self.step + Int64(number % 3) * Self.day
            let findings = watch.observe(
                isGood ? usual : time(number), input: isGood ? number % 3 : 0, at: UInt64(number), logRunLength: 28, learningEvents: 500)
            if !findings.isEmpty { found[number - good] = findings }
        }
        return found
    }

    private func usual(_ number: Int) -> Int64 { Int64(number) * Self.step }

    @Test func `partitions that lie days apart are no alarm`() {
        #expect(findings(after: 20_000, then: usual) == [:])
    }

    @Test func `the past over again is late`() throws {
        let found = findings(after: 20_000) { usual($0 - 10_000) }
        let first = try #require(found.keys.min())
        #expect(first < 40 && found[first] == .late)
    }

    @Test func `one event from the future makes no other late`() {
        #expect(findings(after: 5_000) { $0 == 5_000 ? 4_102_444_800_000 : usual($0) } == [:])
    }

    @Test func `one event from the future makes no other late, also long after a leap`() {
        let found = findings(after: 5_000, count: 80_000) { usual($0) + Self.day + ($0 == 80_000 ? 2 * Self.day : 0) }
        #expect(found == [15: .leapt])
    }

    @Test func `what an older build knew of lateness is known`() throws {
        let late = String(decoding: try JSONEncoder().encode(EventTimeWatch(learningEvents: 500, logRunLength: 28).late), as: UTF8.self)
        let text = """
            {"rate": \(late), "inputs": [{"newest": 5000000, "ahead": 0}, null], "greatestLateness": 100000, "lateness": 300000,
            "events": 8000, "next": 8000}
            """
        let earlier = try JSONDecoder().decode(EarlierEventTimes.self, from: Data(text.utf8))
        var watch = EventTimeWatch(earlier, learningEvents: 500, logRunLength: 28)
        func findings(of time: Int64) -> Int {
            (0..<2_000).count { number in
                !watch.observe(time + Int64(number % 2), input: 0, at: UInt64(number), logRunLength: 28, learningEvents: 500).isEmpty
            }
        }
        #expect(watch.newest == 5_000_000 && watch.isSound)
        #expect(findings(of: 4_800_000) == 0 && findings(of: 3_000_000) == 1)
    }

    @Test func `a leap ahead is told once, and what follows is believed`() {
        let found = findings(after: 5_000) { usual($0) + Self.day }
        #expect(found == [15: .leapt])
    }

    @Test func `a clock that was ahead and is right again makes nothing late`() {
        let found = findings(after: 5_000) { usual($0) + ($0 < 7_000 ? Self.day : 0) }
        #expect(found == [15: .leapt])
    }

    @Test func `the past over again is late, also after a pause`() throws {
        let found = findings(after: 5_000, count: 30_000) { number in
            usual(number) + Self.day / 4 - (number < 30_000 ? 0 : 20_000 * Self.step)
        }
        let late = try #require(found.first { $0.value == .late }?.key)
        #expect((25_000..<25_100).contains(late))
    }

    @Test func `a leap of a size that was met before is none`() {
        let found = findings(after: 5_000) { usual($0) + Self.day * Int64(($0 - 5_000) / 1_000) }
        #expect(found == [1_015: .leapt])
    }

    @Test func `a share of events that are ahead is told`() throws {
        let found = findings(after: 5_000) { usual($0) + ($0.isMultiple(of: 10) ? Self.day : 0) }
        let first = try #require(found.keys.min())
        #expect(first < 1_000 && found[first] == .early)
        #expect(!found.values.contains { $0.contains(.late) || $0.contains(.leapt) })
    }

    @Test func `a clock that stands still is told once`() throws {
        let found = findings(after: 5_000) { _ in usual(5_000) }
        #expect(found.count == 1 && found.values.first == .stuck)
        #expect(try #require(found.keys.first) < 100)
    }

    @Test(arguments: [Int64.min, .max]) func `no time traps`(time: Int64) {
        _ = findings(after: 1_000) { $0.isMultiple(of: 2) ? time : 0 }
        _ = findings(after: 1_000) { $0.isMultiple(of: 40) ? 0 : time }
        _ = findings(after: 1_000) { $0 / 20 % 2 == 0 ? time : ~time }
    }
}
