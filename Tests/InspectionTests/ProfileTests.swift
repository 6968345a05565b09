import Foundation
import Learning
import Testing

@testable import Inspection

struct ProfileTests {
    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func momentsEqualThoseOfTwoPasses(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let numbers = (0..<1000).map { _ in random.uniform() * 1e6 - 3e5 }
        var moments = Moments()
        for number in numbers { moments.observe(number) }
        let mean = numbers.reduce(0, +) / 1000
        let variance = numbers.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 1000
        #expect(abs(moments.mean / mean - 1) < 1e-9, "seed \(seed)")
        #expect(abs(moments.variance / variance - 1) < 1e-9, "seed \(seed)")
        #expect(moments.minimum == numbers.min() && moments.maximum == numbers.max(), "seed \(seed)")
        #expect(moments.count == 1000)
    }

    @Test func emptyMomentsAreZero() {
        #expect(Moments().variance == 0 && Moments().mean == 0 && Moments().standardDeviation == 0)
    }

    @Test func fieldCountsFromItsFirstEvent() throws {
        var profile = Profile(expecting: ["/must", "/must"])
        var builder = EventBuilder()
        for number in 0..<10 { builder.add(number < 4 ? ["/a"] : number % 2 == 0 ? ["/a", "/late"] : ["/a"], value: Float(number)) }
        for row in 0..<10 { profile.observe(row, of: builder.batch) }
        #expect(profile.fields.map(\.name) == ["/must", "/a", "/late"])
        let late = profile.fields[2]
        #expect(profile.seen(late) == 6)
        #expect(late.present == 3)
        #expect(profile.missingRate(of: late) == 0.5)
        #expect(profile.missingRate(of: profile.fields[0]) == 1)
        #expect(late.values.mean == 6 && late.values.minimum == 4 && late.values.maximum == 8)
    }

    @Test func requestHasNoLabel() {
        var profile = Profile()
        var builder = EventBuilder()
        builder.add(["/a"], label: 1)
        profile.observe(0, of: builder.batch, labelled: false)
        #expect(profile.label.count == 0)
        profile.observe(0, of: builder.batch)
        #expect(profile.label.mean == 1)
    }

    @Test func predictionThatIsNoNumberIsCountedApart() throws {
        var profile = Profile()
        profile.observe(prediction: .nan)
        profile.observe(prediction: .infinity)
        profile.observe(prediction: 0.25)
        #expect(profile.nonFinitePredictions == 2)
        #expect(profile.prediction.mean == 0.25)
        #expect(try JSONDecoder().decode(Profile.self, from: JSONEncoder().encode(profile)) == profile)
    }

    @Test func namesAppendedToTheSameBatchKeepTheirPlaces() {
        var profile = Profile()
        var builder = EventBuilder()
        builder.add(["/a"])
        profile.observe(0, of: builder.batch)
        builder.add(["/b", "/a"])
        profile.observe(1, of: builder.batch)
        builder.add(["/b", "/c"])
        profile.observe(2, of: builder.batch)
        #expect(profile.fields.map(\.name) == ["/a", "/b", "/c"])
        #expect(profile.fields.map(\.present) == [2, 2, 1])
    }
}
