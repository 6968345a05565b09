/// The evidence for one rate of bad events, p₁, against the edge of the tolerance band, p₀.
struct Alternative: Equatable, Sendable {
    /// p₁/p₀: what a bad event multiplies the evidence by.
    private(set) var gain: Double
    /// (1−p₁)/(1−p₀): what a good event multiplies it by, below 1.
    private(set) var loss: Double
    /// The likelihood ratio of the events since `start` (CUSUM); above 1, or 0 at rest.
    var ratio = 0.0
    /// The sum of the likelihood ratios since every event from `start` on (Shiryaev and Roberts).
    var sum = 0.0
    /// The event that began the evidence; 0 at rest, so that equal evidence means equal values.
    var start: UInt64 = 0

    /// - Parameter distance: from the tolerance to the alternative rate, in log odds.
    init(tolerance: Double, distance: Double) {
        let odds = tolerance / (1 - tolerance) * naturalExponential(distance)
        gain = odds / (1 + odds) / tolerance
        loss = 1 / ((1 + odds) * (1 - tolerance))
    }

    mutating func aim(at tolerance: Double, distance: Double) {
        let aimed = Alternative(tolerance: tolerance, distance: distance)
        (gain, loss) = (aimed.gain, aimed.loss)
    }

    /// - Parameter badness: 1 for a bad event, 0 for a good one, or how bad it was on the way from one to the other.
    mutating func step(badness: Double, at sequence: UInt64, ceiling: Double) {
        let factor = badness * gain + (1 - badness) * loss
        if ratio == 0 {
            guard factor > 1 else { return }
            (ratio, start) = (1, sequence)
        }
        ratio = min(ratio * factor, ceiling)
        sum = min((1 + sum) * factor, ceiling)
        if ratio <= 1 { (ratio, sum, start) = (0, 0, 0) }
    }
}

/// The five alternatives of an `EDetector`, nearest to the tolerance first.
///
/// Five stored properties rather than an array: a detector is copied with the inspector for every chunk of events and must not allocate.
/// Distances and weights were chosen for the delays at 3 to 100 % of bad events with a tolerance of 2 %; any others keep the bound on
/// false alarms as long as the weights sum to 1.
struct Alternatives: Equatable, Sendable {
    static let count = 5
    /// In log odds. At a tolerance of 2 % these are rates of 4 %, 8 %, 20 %, 53 % and 96 %.
    private static let distances = (0.7, 1.45, 2.5, 4.0, 7.0)
    private static let weights = (0.28, 0.41, 0.15, 0.09, 0.07)
    /// Events before the change point that may belong to it: where few events are bad, the evidence comes and goes before it stays.
    private static let margins: (UInt64, UInt64, UInt64, UInt64) = (512, 256, 64, 8)
    /// A likelihood ratio; one bad event doubles that of the nearest alternative.
    private static let leastDoubt = 2.5

    private var nearest: Alternative
    private var near: Alternative
    private var middle: Alternative
    private var far: Alternative
    private var boldest: Alternative

    init(tolerance: Double) {
        nearest = Alternative(tolerance: tolerance, distance: Self.distances.0)
        near = Alternative(tolerance: tolerance, distance: Self.distances.1)
        middle = Alternative(tolerance: tolerance, distance: Self.distances.2)
        far = Alternative(tolerance: tolerance, distance: Self.distances.3)
        boldest = Alternative(tolerance: tolerance, distance: Self.distances.4)
    }

    mutating func aim(at tolerance: Double) {
        nearest.aim(at: tolerance, distance: Self.distances.0)
        near.aim(at: tolerance, distance: Self.distances.1)
        middle.aim(at: tolerance, distance: Self.distances.2)
        far.aim(at: tolerance, distance: Self.distances.3)
        boldest.aim(at: tolerance, distance: Self.distances.4)
    }

    /// Takes one event and returns the evidence.
    ///
    /// - Parameter limit: of the evidence of each alternative after weighting.
    mutating func step(badness: Double, at sequence: UInt64, limit: Double) -> Double {
        nearest.step(badness: badness, at: sequence, ceiling: limit / Self.weights.0)
        near.step(badness: badness, at: sequence, ceiling: limit / Self.weights.1)
        middle.step(badness: badness, at: sequence, ceiling: limit / Self.weights.2)
        far.step(badness: badness, at: sequence, ceiling: limit / Self.weights.3)
        boldest.step(badness: badness, at: sequence, ceiling: limit / Self.weights.4)
        return evidence
    }

    /// The weighted mean of the alternatives.
    var evidence: Double {
        nearest.sum * Self.weights.0 + near.sum * Self.weights.1 + middle.sum * Self.weights.2 + far.sum * Self.weights.3
            + boldest.sum * Self.weights.4
    }

    /// Where the strongest alternative began, and how far before it the change point may lie; of equals the bolder one, whose start is the
    /// later and therefore the better one.
    var greatest: (start: UInt64, margin: UInt64) {
        let (weights, margins) = (Self.weights, Self.margins)
        var (greatest, start, margin) = (nearest.sum * weights.0, nearest.start, margins.0)
        for (other, weight, itsMargin) in [
            (near, weights.1, margins.1), (middle, weights.2, margins.2), (far, weights.3, margins.3), (boldest, weights.4, 0),
        ]
        where other.sum * weight >= greatest {
            (greatest, start, margin) = (other.sum * weight, other.start, itsMargin)
        }
        return (start, min(start, margin))
    }

    /// The first event that may belong to evidence that is more than one bad event.
    var doubtedStart: UInt64? {
        let (near, far) = (Self.margins.0, Self.margins.2)
        let starts = [(nearest, near), (self.near, near), (middle, far), (self.far, far), (boldest, 0)].lazy
            .filter { $0.0.ratio > Self.leastDoubt }.map { $0.0.start - min($0.0.start, $0.1) }
        return starts.min()
    }

    /// The first event of any evidence that counts: see `EDetector.runningSince`.
    func earliestStart(above level: Double) -> UInt64? {
        var earliest = UInt64.max
        if nearest.sum * Self.weights.0 >= level { earliest = nearest.start }
        if near.sum * Self.weights.1 >= level { earliest = min(earliest, near.start) }
        if middle.sum * Self.weights.2 >= level { earliest = min(earliest, middle.start) }
        if far.sum * Self.weights.3 >= level { earliest = min(earliest, far.start) }
        if boldest.ratio > 0 { earliest = min(earliest, boldest.start) }
        return earliest == .max ? nil : earliest
    }
}

extension Alternatives {
    /// Distance and weight of each.
    static let mixture = zip(
        [distances.0, distances.1, distances.2, distances.3, distances.4], [weights.0, weights.1, weights.2, weights.3, weights.4]
    ).map { (distance: $0, weight: $1) }

    var all: [Alternative] { [nearest, near, middle, far, boldest] }

    /// Takes up the evidence of a decoded detector; expects five of each.
    mutating func restore(ratios: [Double], sums: [Double], starts: [UInt64]) {
        (nearest.ratio, nearest.sum, nearest.start) = (ratios[0], sums[0], starts[0])
        (near.ratio, near.sum, near.start) = (ratios[1], sums[1], starts[1])
        (middle.ratio, middle.sum, middle.start) = (ratios[2], sums[2], starts[2])
        (far.ratio, far.sum, far.start) = (ratios[3], sums[3], starts[3])
        (boldest.ratio, boldest.sum, boldest.start) = (ratios[4], sums[4], starts[4])
    }
}

extension EDetector {
    /// The alternatives, nearest first: their distances from the tolerance in log odds and their weights, for whoever reckons with the detector.
    package static var mixture: [(distance: Double, weight: Double)] { Alternatives.mixture }
}
