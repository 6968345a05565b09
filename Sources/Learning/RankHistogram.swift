/// Weights of events by predicted log odds and label, for the area under the ROC curve.
///
/// 512 bins of a sixteenth over log odds from −16 to 16. Events of one bin count as ties, the trapezoid's half; with predictions
/// spread over a few units of log odds the area is right to about three digits.
struct RankHistogram: Equatable, Sendable {
    static let binCount = 512
    private static let binsPerUnit = 16.0

    private(set) var negatives = [Double](repeating: 0, count: binCount)
    private(set) var positives = [Double](repeating: 0, count: binCount)

    /// `label` in [0, 1] is split over both classes.
    mutating func observe(logOdds: Double, label: Double, weight: Double) {
        let position = (logOdds * Self.binsPerUnit).rounded(.down) + Double(Self.binCount / 2)
        let bin = Int(min(max(position, 0), Double(Self.binCount - 1)))
        positives[bin] += label * weight
        negatives[bin] += (1 - label) * weight
    }

    mutating func merge(_ other: RankHistogram) {
        for bin in 0..<Self.binCount {
            negatives[bin] += other.negatives[bin]
            positives[bin] += other.positives[bin]
        }
    }

    /// The share of pairs of a positive and a negative in the right order, ties counting half; nil without both.
    var area: Double? {
        var below = 0.0
        var right = 0.0
        for bin in 0..<Self.binCount {
            right += positives[bin] * (below + negatives[bin] / 2)
            below += negatives[bin]
        }
        let pairs = below * positives.reduce(0, +)
        return pairs > 0 ? right / pairs : nil
    }
}

/// Written as a flat array of bin, negatives, positives for the bins that have any.
extension RankHistogram: Codable {
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            let bin = try container.decode(Int.self)
            let counts = try (container.decode(Double.self), container.decode(Double.self))
            guard (0..<Self.binCount).contains(bin), counts.0.isFinite, counts.1.isFinite, counts.0 >= 0, counts.1 >= 0 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "bin \(bin) with \(counts) is none of a histogram")
            }
            negatives[bin] = counts.0
            positives[bin] = counts.1
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for bin in 0..<Self.binCount where negatives[bin] > 0 || positives[bin] > 0 {
            try container.encode(bin)
            try container.encode(negatives[bin])
            try container.encode(positives[bin])
        }
    }
}
