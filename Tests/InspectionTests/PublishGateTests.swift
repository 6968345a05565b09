import Foundation
import Testing

@testable import Inspection

struct PublishGateTests {
    private func evidence(
        _ loss: Double?, constant: Double? = 0.69, examples: UInt64 = 10_000, calibration: Double? = 1, finite: Bool = true
    ) -> ReleaseEvidence {
        ReleaseEvidence(examples: examples, recentLoss: loss, constantLoss: constant, calibration: calibration, weightsFinite: finite)
    }

    private func reason(_ verdict: PublishVerdict) -> PublishVerdict.Reason? {
        if case .hold(let reason, let sentence) = verdict {
            #expect(!sentence.isEmpty)
            return reason
        }
        return nil
    }

    @Test func firstVersionMustNotBeWorseThanTheConstant() {
        let gate = PublishGate()
        #expect(gate.judge(evidence(0.6), served: nil).isServe)
        #expect(reason(gate.judge(evidence(0.9), served: nil)) == .worse)
    }

    @Test func laterVersionMustNotBeWorseThanTheServedOneBeyondTheMargin() {
        let gate = PublishGate()
        #expect(gate.judge(evidence(0.43), served: evidence(0.4)).isServe)
        #expect(reason(gate.judge(evidence(0.5), served: evidence(0.4))) == .worse)
    }

    @Test func harderHourIsNoFaultOfTheCandidate() {
        let gate = PublishGate()
        #expect(gate.judge(evidence(0.6, constant: 0.69), served: evidence(0.3, constant: 0.33)).isServe)
        #expect(gate.judge(evidence(0.3, constant: 0.2), served: evidence(0.3, constant: 0.6)).isServe)
    }

    @Test func rollbackMayBeWorseButNotBroken() {
        let gate = PublishGate()
        #expect(gate.judge(evidence(0.9), served: evidence(0.4), isRollback: true).isServe)
        #expect(gate.judge(evidence(nil), served: evidence(0.4), isRollback: true).isServe)
        #expect(reason(gate.judge(evidence(0.9, finite: false), served: nil, isRollback: true)) == .weightsNotFinite)
    }

    @Test(arguments: [0.4, 2.5, Double.nan, .infinity])
    func miscalibratedCandidateIsHeldOnceThereAreEnoughExamples(ratio: Double) {
        let gate = PublishGate()
        #expect(reason(gate.judge(evidence(0.3, calibration: ratio), served: nil)) == .notCalibrated)
        #expect(gate.judge(evidence(0.3, examples: 999, calibration: ratio), served: nil).isServe)
    }

    @Test(arguments: [nil, Double.nan, .infinity])
    func candidateWithoutALossIsHeld(loss: Double?) {
        #expect(reason(PublishGate().judge(evidence(loss), served: evidence(0.4))) == .notScored)
    }

    @Test func candidateWithNothingToCompareWithIsServed() {
        #expect(PublishGate().judge(evidence(0.4, constant: nil, calibration: nil), served: nil).isServe)
    }

    @Test func evidenceAndMarginsSurviveTheRoundTrip() throws {
        let (gate, release) = (PublishGate(relativeMargin: 0.2), evidence(nil))
        #expect(try JSONDecoder().decode(PublishGate.self, from: JSONEncoder().encode(gate)) == gate)
        #expect(try JSONDecoder().decode(ReleaseEvidence.self, from: JSONEncoder().encode(release)) == release)
    }
}
