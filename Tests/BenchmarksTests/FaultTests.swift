import Testing

@testable import Benchmarks

struct FaultTests {
    private static let lines = ClickStream.lines(.stationary, events: 3_000, seed: 1)

    @Test(arguments: FaultKind.allCases)
    func faultTouchesWhatItHitsAndNothingElse(kind: FaultKind) throws {
        let shape = StreamShape(of: Self.lines)
        let share = try #require(kind.shares.first)
        var fault = try #require(
            Tampering(kind, share: share, of: Self.lines, shape: shape, from: 2_500, random: SplitMix64(seed: 1)))
        let records = (2_500..<2_900).flatMap { fault.records(for: $0) }
        let topic = Topic(Self.lines, upTo: 2_500, then: records)
        let touched = (2_500..<topic.end).filter { topic.isTouched($0) }
        #expect(!touched.isEmpty)
        for offset in touched {
            if case .changed(let bytes?) = records[offset - 2_500] { #expect(!bytes.elementsEqual(Self.lines[offset])) }
        }
        #expect(topic.value(at: 2_499)?.elementsEqual(Self.lines[2_499]) == true)
    }

    @Test func sameSeedBreaksInTheSameWay() throws {
        func broken() throws -> [[UInt8]?] {
            let shape = StreamShape(of: Self.lines)
            var fault = try #require(
                Tampering(.noise, share: 0.5, of: Self.lines, shape: shape, from: 2_000, random: SplitMix64(seed: 3)))
            let topic = Topic(Self.lines, upTo: 2_000, then: (2_000..<2_100).flatMap { fault.records(for: $0) })
            return (2_000..<2_100).map { topic.value(at: $0).map { Array($0) } }
        }
        #expect(try broken() == broken())
    }

    @Test func poisonIsWhatIsTouchedAndNotSetAside() {
        var poison = PoisonCount(from: 10)
        for offset in 10..<20 { poison.note(offset, isPoison: offset.isMultiple(of: 2)) }
        poison.note(12, isPoison: true)
        #expect(poison.count(below: 10) == 0)
        #expect(poison.count(below: 13) == 2)
        #expect(poison.count(below: 100) == 5)
        #expect(poison.count(below: 18, without: [12..<16]) == 2)
        #expect(poison.count(below: 14, without: [12..<100]) == 1)
    }
}

struct JSONMembersTests {
    @Test func whatIsReadIsWrittenAsItWas() throws {
        let text = #"{"id":1,"a":"x\"}y","features":{"n":[1,{"b":"]"}],"t":true},"z":-1.5e3}"#
        let members = try #require(JSONMembers(Array(text.utf8)[...]))
        #expect(String(decoding: members.text, as: UTF8.self) == text)
        #expect(members["z"].flatMap(JSONValue.number) == -1500)
    }

    @Test(arguments: ["", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":[1}", "{\"a\":\"b\\\"}", "null"])
    func textThatIsNoObjectIsRefused(text: String) {
        #expect(JSONMembers(Array(text.utf8)[...]) == nil)
    }

    @Test func eventsWithoutIDsGetTheirNumber() {
        var lines = EventLines()
        lines.append(Array(#"{"label":1}"#.utf8))
        lines.append(Array(#"{"label":0}"#.utf8))
        #expect(lines[1].elementsEqual(#"{"id":1,"label":0}"#.utf8))
    }
}
