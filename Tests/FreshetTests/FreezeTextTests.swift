import Supervision
import Testing
import Training

@testable import Freshet

/// A freeze as people read it and answer it on the command line.
@Suite struct FreezeTextTests {
    // MARK: - What status says

    private var frozen: ProcessStatus.GateStatus {
        var cause = ProcessStatus.Cause(kind: "missing-field", detail: "More than 2.0 % lack price.", since: 1, resume: "automatic")
        (cause.evidence, cause.threshold) = (28.137, 28.137)
        (cause.did, cause.rolledBackTo) = ("rolled-back", 41)
        var order = ProcessStatus.Cause(kind: "operator", detail: "strange labels", since: 1, resume: "manual")
        (order.author, order.reason) = ("ada", "strange labels")
        var gate = ProcessStatus.GateStatus(state: "frozen", causes: [cause, order])
        gate.ranges = [ProcessStatus.Range(topic: "purchases", partition: 0, from: 31_740, to: 35_220)]
        gate.cleanRun = 17
        gate.expectation = ProcessStatus.Expectation(until: 0, author: "ada", reason: "")
        return gate
    }

    @Test func aFreezeNamesEvidenceRangeAndWhatWasDone() {
        let lines = GateText.lines(frozen).map { line in String(line.drop { $0 == " " }) }
        let expected = [
            "gate       frozen", "missing-field: More than 2.0 % lack price. (resume: automatic)",
            "evidence 28.1 of 28.1; brought back version 41", "operator: strange labels (resume: manual)", "by ada",
            "in doubt: offsets 31740 to 35220 of purchases[0]", "goes on by itself once 4096 events in a row were clean; so far: 17",
            "a change is expected until event time 1970-01-01T00:00:00Z, by ada",
        ]
        #expect(lines == expected)
    }

    @Test func anOpenGateIsOneLine() {
        #expect(GateText.lines(ProcessStatus.GateStatus(state: "open")) == ["  gate       open"])
    }

    // MARK: - Ranges

    private func ranges(_ starts: [String], _ ends: [String], topics: [String] = ["purchases"]) throws -> [InputRange] {
        try RangeOptions.ranges(from: starts, to: ends, topics: topics)
    }

    @Test func rangesAreReadInTheOrderGiven() throws {
        let expected = [
            InputRange(topic: "purchases", partition: 0, from: 31_740, to: 32_100),
            InputRange(topic: "refunds", partition: 2, from: 7, to: 9),
        ]
        #expect(try ranges(["0@31740", "refunds/2@7"], ["0@32100", "refunds/2@9"]) == expected)
    }

    @Test(
        arguments: [
            (["0@1"], [], "needs a --to"), (["0@1"], ["1@2"], "not of one partition"), (["0@2"], ["0@2"], "not below"),
            (["0:1"], ["0@2"], "partition@offset"), (["0@99999999999999999999"], ["0@2"], "partition@offset"),
        ] as [([String], [String], String)])
    func whatIsNoRangeIsRefused(starts: [String], ends: [String], reason: String) {
        let error = #expect(throws: UsageError.self) { _ = try ranges(starts, ends) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test func whereThereAreSeveralTopicsOneIsNamed() {
        let error = #expect(throws: UsageError.self) { _ = try ranges(["0@1"], ["0@2"], topics: ["a", "b"]) }
        #expect(error?.description.contains("does not say of which topic") == true)
    }
}
