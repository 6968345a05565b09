import Foundation
import Learning
import Testing

@testable import Inspection

struct ModelWatchTests {
    private let configuration = InspectionConfiguration()

    /// Labels of a known chance, predicted as well as can be, and flipped from some event on.
    private func alarms(
        events: Int, flippedFrom flip: Int = .max, _ configuration: InspectionConfiguration = InspectionConfiguration(), seed: UInt64
    ) -> [Alarm] {
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
        let alarm = try #require(alarms(events: 6_000, flippedFrom: 5_000, seed: seed).first { $0.action == .freeze })
        #expect(["loss", "label-flip"].contains(alarm.detector))
        #expect((4_980...5_020).contains(alarm.changePoint) && alarm.sequence < 5_300)
    }

    @Test(arguments: [DetectorFamily.loss, .labelFlip]) func `either detector finds flipped labels alone`(family: DetectorFamily) throws {
        let others = DetectorFamily.allCases.filter { $0 != family }.map { ($0, DetectorAction.off) }
        let only = InspectionConfiguration(policy: Dictionary(uniqueKeysWithValues: others))
        let found = alarms(events: 6_000, flippedFrom: 5_000, only, seed: 1)
        #expect(found.map(\.detector) == [family.rawValue])
    }

    @Test func `what was raised as an alert is raised again once it can freeze`() throws {
        var (random, watch) = (SeededGenerator(seed: 6), ModelWatch(configuration: configuration))
        let freezing = InspectionConfiguration(policy: [.labelNoise: .freeze])
        func noise(_ numbers: Range<Int>, _ configuration: InspectionConfiguration) -> [Alarm] {
            numbers.flatMap { number -> [Alarm] in
                let chance = random.happens(0.5) ? 0.85 : 0.1
                let isOne = random.happens(number < 5_000 ? chance : 0.475)
                return watch.observe(
                    prediction: Float(chance), label: isOne ? 1 : 0, task: .binary, at: UInt64(number), configuration: configuration)
            }.filter { $0.family == .labelNoise }
        }
        #expect(noise(0..<8_000, configuration).map(\.action) == [.alert])
        watch.configure(freezing, insteadOf: configuration, Profile())
        #expect(noise(8_000..<11_000, freezing).map(\.action) == [.freeze])
        #expect(watch.isSuspect(freezing) && !watch.isSuspect(configuration))
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
