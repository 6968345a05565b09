import Foundation
import Inspection

/// An `EDetector` that takes runs of equal events at once, so that a month of events can be gone through.
///
/// Between two bad events each alternative moves by a rule with a closed form: after m good ones the ratio is C·ℓ^m and the sum
/// S·ℓ^m + ℓ·(1 − ℓ^m)/(1 − ℓ), and both are forgotten once the ratio comes down to 1. A run of bad events has the same form with the gain in
/// place of ℓ, cut at the ceiling. The ratio is kept as its logarithm: whether it is forgotten costs an addition then.
///
/// Within a run of good events no alarm begins, as the sum of each alternative moves towards ℓ/(1 − ℓ), which is far below any threshold.
struct RunDetector: Sendable {
    private struct Alternative: Sendable {
        let distance: Double
        let weight: Double
        let logWeight: Double
        private(set) var gain = 0.0
        private(set) var loss = 0.0
        private(set) var logGain = 0.0
        private(set) var logLoss = 0.0
        /// ln C; of no meaning at rest.
        private(set) var logRatio = 0.0
        private(set) var isAtRest = true
        private(set) var sum = 0.0

        init(distance: Double, weight: Double) { (self.distance, self.weight, logWeight) = (distance, weight, log(weight)) }

        mutating func aim(at tolerance: Double) {
            let odds = tolerance / (1 - tolerance) * exp(distance)
            gain = odds / (1 + odds) / tolerance
            loss = 1 / ((1 + odds) * (1 - tolerance))
            (logGain, logLoss) = (log(gain), log(loss))
        }

        mutating func good(_ count: Double) {
            if isAtRest { return }
            logRatio += count * logLoss
            if logRatio <= 0 { return forget() }
            let power = exp(count * logLoss)
            sum = sum * power + loss * (1 - power) / (1 - loss)
        }

        mutating func bad(logLimit: Double, limit: Double) {
            if isAtRest { (logRatio, isAtRest) = (0, false) }
            logRatio = min(logRatio + logGain, logLimit - logWeight)
            sum = min((1 + sum) * gain, limit / weight)
        }

        mutating func bad(_ count: Double, logLimit: Double, limit: Double) {
            if isAtRest { (logRatio, isAtRest) = (0, false) }
            logRatio = min(logRatio + count * logGain, logLimit - logWeight)
            let power = exp(count * logGain)
            sum = min(sum * power + gain * (power - 1) / (gain - 1), limit / weight)
        }

        mutating func forget() { (logRatio, isAtRest, sum) = (0, true, 0) }
    }

    private(set) var tolerance: Double
    private let logThreshold: Double
    private let limit: Double
    private var alternatives: [Alternative]
    private(set) var isRaised = false

    init(tolerance: Double, logRunLength: Double) {
        self.tolerance = tolerance
        (logThreshold, limit) = (logRunLength, exp(logRunLength))
        alternatives = EDetector.mixture.map { Alternative(distance: $0.distance, weight: $0.weight) }
        widen(to: tolerance)
    }

    mutating func widen(to tolerance: Double) {
        self.tolerance = min(max(tolerance, 1e-6), 1 - 1e-6)
        for index in alternatives.indices { alternatives[index].aim(at: self.tolerance) }
    }

    /// Takes so many good events.
    mutating func good(_ count: Int) {
        guard count > 0 else { return }
        for index in alternatives.indices { alternatives[index].good(Double(count)) }
        if alternatives.allSatisfy(\.isAtRest) { isRaised = false }
    }

    /// Takes one bad event; true when it completes the evidence.
    mutating func bad() -> Bool {
        for index in alternatives.indices { alternatives[index].bad(logLimit: logThreshold, limit: limit) }
        return raise()
    }

    /// Takes so many bad events; true when one of them completes the evidence.
    mutating func bad(_ count: Int) -> Bool {
        guard count > 0 else { return false }
        for index in alternatives.indices { alternatives[index].bad(Double(count), logLimit: logThreshold, limit: limit) }
        return raise()
    }

    mutating func forget() {
        for index in alternatives.indices { alternatives[index].forget() }
        isRaised = false
    }

    /// The log of the evidence, from 0 to the threshold.
    var logEvidence: Double { evidence <= 1 ? 0 : min(log(evidence), logThreshold) }

    private var evidence: Double {
        var evidence = 0.0
        for alternative in alternatives { evidence += alternative.weight * alternative.sum }
        return evidence
    }

    private mutating func raise() -> Bool {
        guard !isRaised, evidence >= limit else { return false }
        isRaised = true
        return true
    }
}
