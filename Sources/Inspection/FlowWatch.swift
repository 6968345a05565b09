/// A detector that tells people and stops nothing.
public struct RaisedDetector: Codable, Equatable, Sendable {
    /// Its name, such as `label-rate` or `rate-collapse`.
    public let detector: String
    /// What happened, for people.
    public let sentence: String

    public init(detector: String, sentence: String) {
        self.detector = detector
        self.sentence = sentence
    }
}

/// Whether far fewer or far more records come than is usual at this hour of the week: a collapse that is no silence, or a flood.
///
/// The counts of about a second each are tried against the edge of a band (half of the least that is usual; twice the most) by the
/// likelihood ratio of a Poisson count, `n·ln q − μ(q − 1)` for q times the edge's mean μ, as an e-detector (`EDetector` says why). Real
/// counts vary more than Poisson's, so the logarithm is divided by the Fano factor (variance over mean) that was measured, which is 1 for
/// Poisson. A full stop of a Poisson feed of rate λ is found after about 2·ln(c)/λ.
///
/// The variance is half the mean square of the difference of two counts in a row: a rate that changes by the hour adds nothing to it.
struct FlowWatch: Equatable, Sendable {
    /// ln c. At a count a second, c = 30 days / 0.05: one false alarm in 600 days.
    static let logRunLength = 17.8
    /// How many counts the Fano factor follows, and how many it takes before any alarm.
    private static let memory = 600

    private(set) var collapse = CountDetector(factors: [0.5, 0.2, 0.01])
    private(set) var flood = CountDetector(factors: [2, 5, 20])
    /// How many there were, up to the memory.
    private(set) var counts = 0
    /// Of the counts lately.
    private var mean = 0.0
    private var variance = 0.0
    private var last: Double?

    /// Never below 1.
    var fano: Double { mean > 0 ? max(1, variance / mean) : 1 }

    init() {}

    /// - Parameters:
    ///   - records: how many came.
    ///   - seconds: in which they came, above 0.
    ///   - usual: the least and the most a second that are usual now; nil where nothing is known, which ends all evidence.
    mutating func count(_ records: Int64, in seconds: Double, usual: ClosedRange<Double>?) {
        let number = Double(records)
        if let usual, counts >= Self.memory {
            collapse.observe(number, mean: usual.lowerBound / 2 * seconds, fano: fano)
            flood.observe(number, mean: usual.upperBound * 2 * seconds, fano: fano)
        } else {
            forget()
        }
        // What may be the trouble itself is no measure of what is usual.
        if !collapse.isSuspect && !flood.isSuspect { measure(number) }
        last = number
    }

    /// Nobody counted for a while.
    mutating func pause() {
        forget()
        last = nil
    }

    private mutating func forget() {
        collapse.forget()
        flood.forget()
    }

    private mutating func measure(_ number: Double) {
        guard let last else { return }
        counts = min(counts + 1, Self.memory)
        mean += (number - mean) / Double(counts)
        variance += ((number - last) * (number - last) / 2 - variance) / Double(counts)
    }

    var raised: [RaisedDetector] {
        var raised: [RaisedDetector] = []
        if collapse.isRaised {
            raised.append(
                RaisedDetector(
                    detector: "rate-collapse", sentence: "Fewer than half as many records come as usually at this hour of the week."))
        }
        if flood.isRaised {
            raised.append(
                RaisedDetector(detector: "flood", sentence: "More than twice as many records come as usually at this hour of the week."))
        }
        return raised
    }
}

/// What was measured is kept, evidence begins anew.
extension FlowWatch: Codable {
    private enum CodingKeys: String, CodingKey { case counts, mean, variance }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        counts = try container.decode(Int.self, forKey: .counts)
        mean = try container.decode(Double.self, forKey: .mean)
        variance = try container.decode(Double.self, forKey: .variance)
        guard (0...Self.memory).contains(counts), [mean, variance].allSatisfy({ (0...1e30).contains($0) }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: container, debugDescription: "a rate has a mean and a variance, none below 0")
        }
    }
}

/// The evidence that counts come at so many times a rate: the mean of some e-detectors of the form of Shiryaev and Roberts, each cut short
/// by a CUSUM beside it.
struct CountDetector: Equatable, Sendable {
    private struct Alternative: Equatable, Sendable {
        let factor: Double
        var ratio = 0.0
        var sum = 0.0
    }

    private var alternatives: [Alternative]
    private(set) var isRaised = false
    private let limit = naturalExponential(FlowWatch.logRunLength)

    init(factors: [Double]) {
        alternatives = factors.map { Alternative(factor: $0) }
    }

    /// - Parameter mean: of the count, at the edge of the band.
    mutating func observe(_ number: Double, mean: Double, fano: Double) {
        let ceiling = limit * Double(alternatives.count)
        for index in alternatives.indices {
            let factor = alternatives[index].factor
            let logarithm = (number * naturalLogarithm(factor) - mean * (factor - 1)) / fano
            let likelihood = naturalExponential(min(max(logarithm, -700), 700))
            alternatives[index].ratio = min(max(alternatives[index].ratio, 1) * likelihood, ceiling)
            alternatives[index].sum = min((1 + alternatives[index].sum) * likelihood, ceiling)
            if alternatives[index].ratio <= 1 { (alternatives[index].ratio, alternatives[index].sum) = (0, 0) }
        }
        if evidence >= limit { isRaised = true }
        if evidence == 0 { isRaised = false }
    }

    mutating func forget() {
        guard isRaised || evidence > 0 else { return }
        self = CountDetector(factors: alternatives.map(\.factor))
    }

    private var evidence: Double { alternatives.reduce(0) { $0 + $1.sum } / Double(alternatives.count) }

    /// Above half of the log evidence an alarm takes.
    var isSuspect: Bool { evidence * evidence >= limit }
}
