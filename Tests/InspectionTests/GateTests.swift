import Foundation
import Testing

@testable import Inspection

private func cause(_ id: String, _ kind: FreezeKind = .missingField) -> FreezeCause {
    FreezeCause(id: id, kind: kind, detail: "for the test", since: 1_700_000_000_000)
}

struct GateTests {
    @Test func opensSuspectsAndCalmsDown() {
        var gate = Gate()
        #expect(gate.state == .open && gate.isLearning)
        #expect(gate.suspect(true) == GateTransition(from: .open, to: .suspect, causes: [], isFreeze: false))
        #expect(gate.suspect(true) == nil)
        #expect(gate.isLearning)
        #expect(gate.suspect(false) == GateTransition(from: .suspect, to: .open, causes: [], isFreeze: false))
    }

    @Test func staysFrozenWhileAnyCauseIsActive() {
        var gate = Gate()
        let (field, order) = (cause("missing/a"), cause("01J", .operatorOrder))
        #expect(gate.freeze(field) == GateTransition(from: .open, to: .frozen, causes: [field], isFreeze: true))
        #expect(gate.freeze(order) == GateTransition(from: .frozen, to: .frozen, causes: [order], isFreeze: true))
        #expect(gate.lift(id: "missing/a") == GateTransition(from: .frozen, to: .frozen, causes: [field], isFreeze: false))
        #expect(!gate.isLearning)
        #expect(gate.lift(kind: .operatorOrder) == GateTransition(from: .frozen, to: .open, causes: [order], isFreeze: false))
        #expect(gate.isLearning)
    }

    @Test func incidentIsToldOnce() {
        var gate = Gate()
        #expect(gate.freeze(cause("missing/a")) != nil)
        #expect(gate.freeze(cause("missing/a")) == nil)
        #expect(gate.causes.count == 1)
    }

    @Test func liftingWhatIsNotThereChangesNothing() {
        var gate = Gate()
        #expect(gate.lift(id: "x") == nil && gate.lift(kind: .feedStalled) == nil && gate.liftAll() == nil)
        #expect(gate == Gate())
    }

    @Test func leavesIntoSuspectWhileEvidenceIsLeft() {
        var gate = Gate()
        _ = gate.freeze(cause("a"))
        #expect(gate.suspect(true) == nil)
        #expect(gate.liftAll()?.to == .suspect)
    }

    @Test func silenceDoesNotDoubtTheContent() {
        var gate = Gate()
        _ = gate.freeze(cause("feed", .feedStalled))
        #expect(!gate.doubtsContent)
        _ = gate.freeze(cause("model", .modelDamage))
        #expect(gate.doubtsContent)
    }

    @Test func labelAndModelDamageWaitForAPerson() {
        #expect(
            FreezeKind.allCases.filter { $0.defaultResume == .automatic }
                == [
                    .feedStalled, .brokerLost, .rejectRate, .missingField, .brokenEvents, .strangeValues, .stuckField, .replacedValues,
                    .duplicates, .eventTime,
                ])
    }

    @Test func whatACauseDidIsNotedAtIt() throws {
        var gate = Gate()
        let frozen = gate.freeze(cause("a"))
        let transition = try #require(frozen)
        _ = gate.freeze(cause("b"))
        gate.note(.rolledBack, rolledBackTo: 7, of: "a")
        #expect(gate.causes.map(\.did) == [.rolledBack, nil] && gate.causes.map(\.rolledBackTo) == [7, nil])
        #expect(transition.causes[0].did == nil && transition.updated(by: gate).causes == [gate.causes[0]])
        // What is gone from the gate stays in the transition as it was.
        _ = gate.liftAll()
        #expect(transition.updated(by: gate) == transition)
    }

    @Test func aResumptionIsPartOfTheTransition() {
        var gate = Gate()
        let resumption = Resumption(command: "c", author: "ada", reason: "fine", mode: "skip")
        #expect(gate.liftAll(by: resumption) == nil)
        _ = gate.freeze(cause("a"))
        #expect(gate.liftAll(by: resumption)?.resumption == resumption)
    }

    @Test func whatWouldEndByItselfMayBeLeftToAPerson() {
        var gate = Gate()
        _ = gate.freeze(cause("a", .missingField))
        _ = gate.freeze(cause("feed", .feedStalled))
        let transition = gate.leaveToPerson(because: "Look.")
        #expect(transition?.from == .frozen && transition?.to == .frozen && transition?.causes.map(\.id) == ["a"])
        #expect(gate.causes.map(\.resume) == [.manual, .automatic] && gate.causes[0].detail.hasSuffix("Look."))
        #expect(gate.leaveToPerson(because: "Look.") == nil)
    }

    @Test func alarmBecomesItsCause() {
        let alarm = Alarm(
            detector: "missing/a", family: .missing, action: .freeze, changePoint: 3, sequence: 11, logEvidence: 30, logThreshold: 29,
            sentence: "gone")
        let expected = FreezeCause(
            id: "missing/a", kind: .missingField, detail: "gone", since: 5, resume: .automatic, evidence: 30, threshold: 29)
        #expect(FreezeCause(alarm, since: 5) == expected)
    }

    @Test func roundTripKeepsCausesAndRawStrings() throws {
        var gate = Gate()
        _ = gate.freeze(cause("a", .constantLabel))
        _ = gate.suspect(true)
        let data = try JSONEncoder().encode(gate)
        #expect(try JSONDecoder().decode(Gate.self, from: data) == gate)
        #expect(String(decoding: data, as: UTF8.self).contains("constant-label"))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func stateFollowsFromCausesAndSuspicionAndTransitionsChain(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var gate = Gate()
        var active: Set<String> = []
        for _ in 0..<300 {
            let before = gate.state
            let id = "cause-\(random.next() % 4)"
            let transition: GateTransition?
            switch random.next() % 3 {
            case 0:
                transition = gate.freeze(cause(id))
                active.insert(id)
            case 1:
                transition = gate.lift(id: id)
                active.remove(id)
            default: transition = gate.suspect(random.happens(0.5))
            }
            let expected: GateState = active.isEmpty ? (gate.isSuspect ? .suspect : .open) : .frozen
            #expect(gate.state == expected, "seed \(seed)")
            #expect(transition?.from ?? before == before && transition?.to ?? before == gate.state, "seed \(seed)")
        }
    }
}
