import Checkpointing
import Testing
import Training

@testable import Freshet

/// What one who gives orders makes of the answers.
@Suite struct AnswerSheetTests {
    private static func answer(_ lane: UInt16, _ command: String = "a", at: Int64 = 1) -> ControlAnswer {
        ControlAnswer(command: command, lane: lane, outcome: .applied, detail: "", version: nil, at: at)
    }

    @Test func everyLaneHasToAnswer() {
        var sheet = AnswerSheet(lanes: [2, 0, 1])
        #expect(sheet.missing == [0, 1, 2])
        sheet.note([Self.answer(1)])
        #expect(!sheet.isComplete && sheet.missing == [0, 2])
        sheet.note([Self.answer(2), Self.answer(0)])
        #expect(sheet.isComplete)
        #expect(sheet.answers.map(\.lane) == [0, 1, 2])
    }

    @Test func anAnswerThatWasReadStaysWhenItIsTakenOut() {
        var sheet = AnswerSheet(lanes: [0, 1])
        sheet.note([Self.answer(0)])
        sheet.note([])
        sheet.note([Self.answer(1)])
        #expect(sheet.isComplete)
    }

    @Test func theNewestAnswerOfALaneCounts() {
        var sheet = AnswerSheet(lanes: [0])
        sheet.note([Self.answer(0, at: 1)])
        sheet.note([Self.answer(0, at: 2)])
        #expect(sheet.answers.map(\.at) == [2])
    }

    @Test func answersAreForgottenWhenTheirCommandIsGoneAndTheyAreOld() throws {
        var view = ControlView()
        let open = ControlCommand(id: "open", action: .freeze, author: "", reason: "", issuedAt: 0, expiresAt: 0)
        view.apply(key: Array("command/open".utf8), value: try RecordJSON.encode(open))
        for answer in [Self.answer(0, "open"), Self.answer(0, "old"), Self.answer(0, "mixed"), Self.answer(1, "mixed", at: 9)] {
            view.apply(key: Array("answer/\(answer.command)/\(answer.lane)".utf8), value: try RecordJSON.encode(answer))
        }
        #expect(view.forgotten(before: 5) == ["old"])
    }
}
