import Checkpointing
import Synchronization
import TestSupport
import Testing

@testable import Training

/// Records of the control topic that this build cannot read.
@Suite struct UnreadableCommandTests {
    private static let command = ControlCommand(
        id: "C1", action: .freeze, author: "ada", reason: "odd", issuedAt: 0, expiresAt: .max)

    private static func newer(_ value: some Encodable) throws -> [UInt8] {
        Array(#"{"format":2,"#.utf8) + (try RecordJSON.encode(value)).dropFirst()
    }

    private func view(_ records: [(String, [UInt8]?)]) -> ControlView {
        var view = ControlView()
        for (key, value) in records { view.apply(key: Array(key.utf8), value: value) }
        return view
    }

    @Test func aCommandOfANewerFormatIsNotObeyedAndNotPassedOver() throws {
        let newer = try Self.newer(Self.command)
        let told = view([("command/C1", newer)])
        #expect(told.open(for: 0) == [] && told.unreadable["command/C1"] == .newerFormat(2))
        #expect(told.unreadable(for: 0).map(\.id) == ["C1"] && told.unreadable(for: 3).map(\.id) == ["C1"])
        #expect(told.unreadable(for: 0).first?.why.contains("format 2, newer than this build reads") == true)
        #expect(view([("command/C1", newer), ("command/C1", nil)]).unreadable(for: 0) == [])
        let again = view([("command/C1", newer), ("command/C1", try RecordJSON.encode(Self.command))])
        #expect(again.unreadable(for: 0) == [] && again.open(for: 0) == [Self.command])
    }

    @Test func anActionThatThisBuildDoesNotKnowIsNamed() throws {
        let text = String(decoding: try RecordJSON.encode(Self.command), as: UTF8.self).replacing("freeze", with: "drain")
        #expect(view([("command/C1", Array(text.utf8))]).unreadable(for: 0).first?.why.contains("drain") == true)
    }

    @Test func onlyTheLaneItIsForRefusesIt() throws {
        var command = Self.command
        command.lane = 2
        let told = view([("command/C1", try Self.newer(command))])
        #expect(told.unreadable(for: 2).count == 1 && told.unreadable(for: 0) == [])
    }

    /// What a newer build that had the lane has refused is not obeyed by the one that comes after it.
    @Test func anAnswerOfANewerFormatIsOne() throws {
        let answer = ControlAnswer(command: "C1", lane: 0, outcome: .refused, detail: "", version: 1, at: 0)
        let records: [(String, [UInt8]?)] = [
            ("command/C1", try RecordJSON.encode(Self.command)), ("answer/C1/0", try Self.newer(answer)),
        ]
        let told = view(records)
        #expect(told.open(for: 0) == [] && told.open(for: 1) == [Self.command])
        #expect(told.unreadable["answer/C1/0"] == .newerFormat(2))
        #expect(view(records + [("answer/C1/0", nil)]).open(for: 0) == [Self.command])
    }

    @Test func aStatusOfANewerFormatIsNamed() {
        let told = view([("status/trainer/a", Array(#"{"format":2}"#.utf8)), ("status/trainer/b", Array("{}".utf8))])
        #expect(told.unreadable == ["status/trainer/a": .newerFormat(2)] && told.statuses.count == 2)
    }

    @Test func theOwnerRefusesItOnceAndByName() async throws {
        var feed = SampleFeed(seed: 9)
        feed.append(100)
        let bench = try LaneBench(feed)
        let trainer = try await bench.started()
        let before = try #require(bench.newest)
        bench.observer.notes.withLock { $0.unreadable = [UnreadableCommand(id: "C1", why: "it has format 2")] }
        for _ in 0..<3 { try await trainer.stepAndSettle() }
        let answers = bench.observer.answers.map(\.answer)
        #expect(answers.map(\.command) == ["C1"] && answers.map(\.outcome) == [.refused])
        #expect(answers.first?.detail == "the trainer of lane 0 cannot read the command: it has format 2")
        #expect(bench.newest?.body.version == before.body.version)
    }
}
