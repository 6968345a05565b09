import Foundation
import Learning
import Testing

@testable import Inspection

struct ModelWatchTests {
    private let configuration = InspectionConfiguration()

    /// Labels of a known chance, predicted as well as can be, and flipped from some event on.
    private func alarms(events: Int, flippedFrom flip: Int = .max, seed: UInt64) -> [Alarm] {
        var (random, watch) = (SeededGenerator(seed: seed), ModelWatch(configuration: configuration))
        return (0..<events).flatMap { number -> [Alarm] in
            let chance = random.happens(0.5) ? 0.85 : 0.1
            let isOne = random.happens(chance) != (number >= flip)
            return watch.observe(
                prediction: Float(chance), label: isOne ? 1 : 0, task: .binary, at: UInt64(number), configuration: configuration)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `a good model is no alarm`(seed: UInt64) {
        #expect(alarms(events: 100_000, seed: seed) == [])
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `flipped labels freeze, from where they began`(seed: UInt64) throws {
        let alarm = try #require(alarms(events: 6_000, flippedFrom: 5_000, seed: seed).first)
        #expect(alarm.detector == "loss" && alarm.action == .freeze)
        #expect((4_980...5_020).contains(alarm.changePoint) && alarm.sequence < 5_300)
    }

    @Test func `a model that knows nothing is as good as the mean`() {
        var (random, watch) = (SeededGenerator(seed: 4), ModelWatch(configuration: configuration))
        for number in 0..<50_000 {
            let label: Float = random.happens(0.02) ? 1 : 0
            #expect(watch.observe(prediction: 0.03, label: label, task: .binary, at: UInt64(number), configuration: configuration) == [])
        }
        #expect(!watch.isSuspect(configuration))
    }

    @Test func `a prediction that is no number freezes at once and once`() {
        var watch = ModelWatch(configuration: configuration)
        let alarms = (0..<5).flatMap {
            watch.observe(prediction: .nan, label: 1, task: .binary, at: $0, configuration: configuration)
        }
        #expect(alarms.map(\.detector) == ["non-finite"] && alarms.first?.action == .freeze)
    }

    @Test func `predictions of a regression that point the other way freeze`() throws {
        var (random, watch) = (SeededGenerator(seed: 5), ModelWatch(configuration: configuration))
        var found: Alarm?
        for number in 0..<8_000 where found == nil {
            let truth = Float(10 * random.uniform() - 5)
            let label = (number < 5_000 ? truth : -truth) + Float(random.uniform())
            found =
                watch.observe(prediction: truth, label: label, task: .regression, at: UInt64(number), configuration: configuration).first
        }
        #expect(try #require(found).sequence < 5_300)
    }
}

struct EventTimeWatchTests {
    /// Times of three partitions, each in its own order.
    private func late(after good: Int, then time: (Int) -> Int64) -> Int? {
        var watch = EventTimeWatch(learningEvents: 500, logRunLength: 28)
        for number in 0..<good {
            let time = Int64(number) * 100 + Int64(number % 3) * 86_400_000
            if watch.observe(time, input: number % 3, at: UInt64(number)) { return nil }
        }
        for number in 0..<1_000 where watch.observe(time(good + number), input: 0, at: UInt64(good + number)) { return number + 1 }
        return nil
    }

    @Test func `partitions that lie days apart are no alarm`() {
        #expect(late(after: 20_000) { Int64($0) * 100 } == nil)
    }

    @Test func `the past over again is`() throws {
        #expect(try #require(late(after: 20_000) { Int64($0 - 10_000) * 100 }) < 40)
    }

    @Test func `one event from the future makes no other late`() {
        #expect(late(after: 5_000) { $0 == 5_000 ? 4_102_444_800_000 : Int64($0) * 100 } == nil)
    }

    @Test func `a clock that goes on elsewhere is believed`() {
        #expect(late(after: 5_000) { Int64($0) * 100 + 86_400_000 } == nil)
    }

    @Test(arguments: [Int64.min, .max]) func `no time traps`(time: Int64) {
        _ = late(after: 1_000) { $0.isMultiple(of: 2) ? time : 0 }
    }
}
