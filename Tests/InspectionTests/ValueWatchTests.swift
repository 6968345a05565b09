import Foundation
import Learning
import Testing

@testable import Inspection

struct ValueWatchTests {
    private static let learningEvents = 500
    private static let logRunLength = 28.0

    /// A field of numbers, or of categories, as a stream of slot and value.
    private struct Field {
        var random = SeededGenerator(seed: 3)
        var watch = ValueWatch(learningEvents: learningEvents, logRunLength: logRunLength)
        var sequence: UInt64 = 0

        /// Shows values until one of the findings comes; returns how many it took.
        mutating func show(
            _ count: Int, until wanted: ValueWatch.Findings? = nil, _ value: (inout SeededGenerator, Int) -> (UInt32, Float)
        ) -> Int? {
            for number in 0..<count {
                let (slot, value) = value(&random, number)
                let findings = watch.observe(
                    slot: slot, value: value, at: sequence, isSampled: true, logRunLength: logRunLength, learningEvents: learningEvents)
                sequence += 1
                if let wanted, !findings.isDisjoint(with: wanted) { return number + 1 }
            }
            return nil
        }
    }

    private static let alarms: ValueWatch.Findings = [.strange, .stuck, .shifted, .replaced]

    private static func price(_ random: inout SeededGenerator, _ number: Int) -> (UInt32, Float) {
        (7, Float(naturalExponential(2 + 3 * (random.uniform() - 0.5))))
    }

    private static func country(_ random: inout SeededGenerator, _ number: Int) -> (UInt32, Float) { (100 + UInt32(random.next() % 8), 1) }

    @Test func `what is usual is no alarm`() {
        var prices = Field()
        #expect(prices.show(50_000, until: Self.alarms, Self.price) == nil)
        var countries = Field()
        #expect(countries.show(50_000, until: Self.alarms, Self.country) == nil)
    }

    @Test func `a thousand times as much is strange within a dozen events, in a tenth of the events within two thousand`() throws {
        var field = Field()
        _ = field.show(5_000, Self.price)
        var partly = field
        let all = field.show(100, until: .strange) { random, number in (7, Self.price(&random, number).1 * 1_000) }
        #expect(try #require(all) <= 12)
        let some = partly.show(5_000, until: .strange) { random, number in
            (7, Self.price(&random, number).1 * (random.happens(0.1) ? 1_000 : 1))
        }
        #expect(try #require(some) <= 2_000)
    }

    @Test func `a thousandth is noticed within two windows, though nothing lies beyond the span`() throws {
        var field = Field()
        _ = field.show(20_000, Self.price)
        let events = field.show(2_000, until: .replaced) { random, number in (7, Self.price(&random, number).1 / 1_000) }
        #expect(try #require(events) <= 2 * ShiftWatch.window)
    }

    @Test func `a number that becomes a text is strange, and so are renamed categories`() throws {
        var prices = Field()
        _ = prices.show(5_000, Self.price)
        let texts = prices.show(100, until: .strange) { random, _ in (900 + UInt32(random.next() % 50), 1) }
        #expect(try #require(texts) <= 12)
        var countries = Field()
        _ = countries.show(5_000, Self.country)
        let renamed = countries.show(200, until: .strange) { random, _ in (200 + UInt32(random.next() % 8), 1) }
        #expect(try #require(renamed) <= 40)
    }

    @Test func `a new category in a tenth of the events is told and no reason to freeze`() throws {
        var field = Field()
        _ = field.show(20_000, Self.country)
        let found = field.show(5_000, until: Self.alarms) { random, number in random.happens(0.1) ? (300, 1) : Self.country(&random, number)
        }
        #expect(try #require(found) <= 2 * ShiftWatch.window + ShiftWatch.window)
        #expect(field.watch.shift.isRaised && !field.watch.strange.detector.isRaised)
    }

    @Test func `a value that stands still is stuck`() throws {
        var field = Field()
        _ = field.show(5_000, Self.price)
        let events = field.show(200, until: .stuck) { _, _ in (7, 3) }
        #expect(try #require(events) <= 60)
    }

    @Test func `sorted and constant fields come to new values by themselves`() {
        var month = Field()
        #expect(month.show(60_000, until: Self.alarms.subtracting(.shifted)) { _, number in (50 + UInt32(number / 5_000), 1) } == nil)
        var ids = Field()
        #expect(ids.show(20_000, until: Self.alarms.subtracting(.shifted)) { _, number in (UInt32(number), 1) } == nil)
        var counter = Field()
        #expect(counter.show(60_000, until: Self.alarms.subtracting(.shifted)) { _, number in (7, Float(number)) } == nil)
    }

    @Test func `what is read back goes on alike`() throws {
        var field = Field()
        _ = field.show(9_000, Self.price)
        let copy = try JSONDecoder().decode(ValueWatch.self, from: JSONEncoder().encode(field.watch))
        #expect(copy == field.watch)
        var other = field
        other.watch = copy
        let change: (inout SeededGenerator, Int) -> (UInt32, Float) = { random, number in (7, Self.price(&random, number).1 * 1_000) }
        let found = (field.show(100, until: .strange, change), other.show(100, until: .strange, change))
        #expect(found.0 == found.1)
        #expect(field.watch == other.watch)
    }
}
