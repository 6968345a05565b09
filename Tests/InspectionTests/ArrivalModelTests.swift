import Foundation
import Testing

@testable import Inspection

/// The rhythm of the week. Times are told as hours since a Thursday's midnight, the first of 1970.
@Suite struct ArrivalModelTests {
    private static let hour: Int64 = 3_600_000

    /// A model that has watched whole hours; `moves` says how many movements each brings.
    private func model(hours: Range<Int>, stalled: Set<Int> = [], moves: (Int) -> Int) -> ArrivalModel {
        var model = ArrivalModel()
        watch(hours, by: &model, stalled: stalled, moves: moves)
        return model
    }

    /// Minute by minute, and one minute more, with which the last hour is over.
    private func watch(_ hours: Range<Int>, by model: inout ArrivalModel, stalled: Set<Int> = [], moves: (Int) -> Int) {
        for hour in hours {
            for minute in 0..<60 {
                let share = moves(hour) / 60
                model.watch(
                    60, moves: share, records: Int64(share * 10), isStalled: stalled.contains(hour),
                    at: Int64(hour) * Self.hour + Int64(minute) * 60_000)
            }
        }
        model.watch(0, moves: 0, records: 0, isStalled: false, at: Int64(hours.upperBound) * Self.hour)
    }

    /// Open from 8 to 20, and nothing at all on the last day of the week.
    private func shop(_ hour: Int) -> Int { (8..<20).contains(hour % 24) && hour / 24 % 7 != 6 ? 3_600 : 0 }

    private func usual(_ model: ArrivalModel, _ hours: Double, until hour: Int) -> Double {
        model.usual(hours * 3_600, until: Int64(hour) * Self.hour) / 3_600
    }

    @Test func beforeAnythingIsKnownASecondIsASecond() {
        #expect(ArrivalModel().usual(90, until: 5) == 90)
        #expect(ArrivalModel().records(at: 5) == nil)
        let model = model(hours: 0..<24, moves: shop)
        #expect(model.usual(90, until: nil) == 90, "no wall clock was told")
    }

    @Test func aNightCountsForNothingFromTheSecondOneOn() {
        let model = model(hours: 0..<24, moves: shop)
        // From eight in the evening to eight in the morning.
        #expect(usual(model, 12, until: 32) == 0)
        #expect(usual(model, 4, until: 24 + 16) == 4)
    }

    @Test func everyDayOfTheWeekHasItsOwnHours() {
        let model = model(hours: 0..<168, moves: shop)
        #expect(usual(model, 24, until: 168 + 168) == 0, "the day nothing comes on")
        #expect(usual(model, 4, until: 168 + 16) == 4)
        // An hour late, or an hour early: the edges are left to chance.
        #expect(usual(model, 1, until: 168 + 9) == 0)
        #expect(usual(model, 1, until: 168 + 20) == 0)
        #expect(usual(model, 24, until: 168 + 24) == 10)
    }

    @Test func aQuieterHourCountsLess() {
        let model = model(hours: 0..<168) { $0 % 24 < 12 ? 3_600 : 360 }
        #expect(abs(usual(model, 4, until: 168 + 20) - 0.4) < 0.06)
        #expect(abs(usual(model, 4, until: 168 + 8) - 4) < 0.4)
    }

    /// A slow feed brings now ten, now two in an hour, and that is chance.
    @Test func chanceIsNoRhythm() {
        var random = SeededGenerator(seed: 5)
        var model = ArrivalModel()
        for minute in 0..<336 * 60 {
            model.watch(60, moves: random.happens(0.1) ? 1 : 0, records: 1, isStalled: false, at: Int64(minute) * 60_000)
        }
        #expect(usual(model, 168, until: 336) > 160)
    }

    @Test func theLesserOfTwoWeeksHolds() {
        var model = model(hours: 0..<168) { _ in 3_600 }
        watch(168..<336, by: &model) { $0 == 168 + 50 ? 36_000 : 3_600 }
        #expect(abs(usual(model, 1, until: 336 + 51) - 1) < 1e-9, "a rush is no rhythm")
        watch(336..<504, by: &model) { $0 == 336 + 80 ? 0 : 3_600 }
        #expect(usual(model, 1, until: 504 + 81) == 0, "an hour that was empty once may be so again")
        watch(504..<840, by: &model) { _ in 3_600 }
        #expect(usual(model, 1, until: 840 + 81) == 1)
    }

    @Test func anOutageIsBelievedWhenItComesAgain() {
        var model = model(hours: 0..<168) { _ in 3_600 }
        let outage = 168 + 60
        watch(168..<336, by: &model, stalled: [outage]) { $0 == outage ? 0 : 3_600 }
        #expect(usual(model, 1, until: 336 + 61) == 1)
        watch(336..<504, by: &model, stalled: [outage + 168]) { $0 == outage + 168 ? 0 : 3_600 }
        #expect(usual(model, 1, until: 504 + 61) == 0)
    }

    @Test func hoursThatWereHardlyWatchedTeachNothing() {
        var model = ArrivalModel()
        model.watch(1_700, moves: 3, records: 3, isStalled: false, at: 0)
        model.watch(0, moves: 0, records: 0, isStalled: false, at: Self.hour)
        #expect(model.hours.isEmpty)
    }

    @Test func recordsAreKnownOfHoursThatWereSeen() {
        let model = model(hours: 0..<100) { $0 == 50 ? 7_200 : 3_600 }
        #expect(model.records(at: 10 * Self.hour) == 10...10)
        #expect(model.records(at: 50 * Self.hour + 5) == 10...20)
        #expect(model.records(at: 51 * Self.hour) == 10...20, "a neighbour's")
        #expect(model.records(at: 120 * Self.hour) == nil)
    }

    @Test func readBackItIsTheSameButForTheHourThatWasRunning() throws {
        let model = model(hours: 0..<200, moves: shop)
        let restored = try JSONDecoder().decode(ArrivalModel.self, from: JSONEncoder().encode(model))
        #expect(restored.hours == model.hours)
        for hour in 0..<168 { #expect(usual(restored, 3, until: hour + 400) == usual(model, 3, until: hour + 400)) }
        let size = try JSONEncoder().encode(model).count
        #expect(size < 6_000, "it is in every manifest: \(size) bytes")
    }

    @Test(arguments: [
        #"{"hours": [null]}"#, #"{"hours": [[1, 2, 3, 4, 0]]}"#, #"{"hours": "none"}"#, #"{}"#,
    ])
    func whatNoWeekCanBeIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ArrivalModel.self, from: Data(text.utf8)) }
    }

    @Test(arguments: ["[1,2,3]", "[-1,2,3,4,0]", "[1,2,-1,4,0]", "[1,2,3,4,0,5]", "[1,2,3,9000000000000,0]"])
    func whatNoHourCanBeIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ArrivalModel.Hour.self, from: Data(text.utf8)) }
    }
}
