import Foundation

/// A seeded click stream: 13 numbers and 26 categories with ids by a power law, and a label drawn from a logistic model that is exactly linear
/// in them and moves with time. The weights at time t are cos a(t) · A + sin a(t) · B, with A and B independent.
struct ClickStream {
    enum Drift: String, CaseIterable, Sendable {
        case stationary
        /// The model changes at a third and at two thirds of the stream.
        case sudden
        /// It turns into an independent one, while the heads of the largest categories move on.
        case gradual
        /// It swings to and fro, seven times.
        case seasonal
    }

    /// Of the categories: those of the Criteo data set, cut at a million.
    private static let cardinalities: [Double] = [
        1460, 583, 1e6, 1e6, 305, 24, 12517, 633, 3, 93145, 5683, 1e6, 3194, 27, 14992, 1e6, 10, 5652, 2173, 4, 1e6, 18, 15, 286181, 105,
        142572,
    ]
    private static let numbers = 13
    private static let powerLaw = 1.15
    private static let clickRate = 0.25
    private static let categoryWeight = 0.25
    private static let numberWeight = 0.24
    /// Ids by which the heads of the largest categories move on, per million events (gradual drift).
    private static let churn = 2_000.0
    /// The angle of a sudden change, and of a season's height.
    private static let swing = Double.pi / 4
    private static let firstTime = 1_700_000_000_000
    private static let milliseconds = 7 * 86_400_000

    private let drift: Drift
    private let count: Int
    private let salt: UInt64
    private var random: SplitMix64
    private let means: [Double]
    private let deviations: [Double]
    private let weights: [(before: Double, after: Double)]
    private var intercept = 0.0

    private init(_ drift: Drift, count: Int, seed: UInt64) {
        var random = SplitMix64(seed, 1)
        (self.drift, self.count, salt) = (drift, count, seed << 56)
        means = (0..<Self.numbers).map { _ in 0.5 + 2.5 * random.uniform() }
        deviations = (0..<Self.numbers).map { _ in 0.8 + 0.8 * random.uniform() }
        weights = (0..<Self.numbers).map { _ in (random.normal() * Self.numberWeight, random.normal() * Self.numberWeight) }
        self.random = random
        intercept = calibratedIntercept()
    }

    /// The events of a whole stream: a week by their own times.
    static func lines(_ drift: Drift, events count: Int, seed: UInt64) -> EventLines {
        var stream = ClickStream(drift, count: count, seed: seed)
        var lines = EventLines()
        for number in 0..<count { lines.append(stream.event(number)) }
        return lines
    }

    // MARK: - The model

    private func angle(at number: Int) -> Double {
        let part = Double(number) / Double(count)
        let changes = part >= 0.66 ? 2.0 : part >= 0.33 ? 1.0 : 0.0
        return switch drift {
        case .stationary: 0
        case .sudden: Self.swing * changes
        case .gradual: 2 * Self.swing * part
        case .seasonal: Self.swing * sin(2 * Double.pi * part * 7)
        }
    }

    /// A draw from the normal distribution that is a function of the key.
    private static func normal(of key: UInt64) -> Double {
        let first = (Double(SplitMix64.mixed(key) >> 11) + 0.5) * 0x1p-53
        let second = Double(SplitMix64.mixed(key ^ 0xAB_CDEF) >> 11) * 0x1p-53
        return (-2 * log(first)).squareRoot() * cos(2 * Double.pi * second)
    }

    /// Draws the fields of an event: numbers in thousandths, categories as their ids. Returns its score but for the intercept.
    private mutating func draw(_ number: Int, _ thousandths: inout [Int], _ ids: inout [UInt32]) -> Double {
        let angle = angle(at: number)
        let (before, after) = (cos(angle), sin(angle))
        var score = 0.0
        for field in 0..<Self.numbers {
            let count = exp(means[field] + deviations[field] * random.normal()).rounded(.down)
            let value = (log1p(count) * 1000).rounded()
            let weight = before * weights[field].before + after * weights[field].after
            score += weight * (value / 1000 - log1p(exp(means[field]).rounded(.down)))
            thousandths.append(Int(value))
        }
        for (field, cardinality) in Self.cardinalities.enumerated() {
            let key = salt &+ UInt64(field + 1) << 40 &+ rank(of: cardinality, at: number)
            let weight = before * Self.normal(of: key) + after * Self.normal(of: key ^ 1 << 50)
            score += Self.categoryWeight * weight
            ids.append(UInt32(truncatingIfNeeded: SplitMix64.mixed(key ^ 0x5555)))
        }
        return score
    }

    private mutating func rank(of cardinality: Double, at number: Int) -> UInt64 {
        let exponent = 1 - Self.powerLaw
        let share = random.uniform()
        let rank = pow((1 - share) + share * pow(cardinality + 1, exponent), 1 / exponent)
        let moved = drift == .gradual && cardinality == 1e6 ? Self.churn * Double(number) / 1e6 : 0
        return UInt64(min(rank, cardinality)) + UInt64(moved)
    }

    /// The one that makes the mean probability the click rate.
    private mutating func calibratedIntercept() -> Double {
        var (thousandths, ids): ([Int], [UInt32]) = ([], [])
        var scores: [Double] = []
        for _ in 0..<5_000 {
            let number = random.below(count)
            scores.append(draw(number, &thousandths, &ids))
        }
        var (low, high) = (-8.0, 8.0)
        for _ in 0..<40 {
            let middle = (low + high) / 2
            let mean = scores.reduce(0) { $0 + Self.probability($1 + middle) } / Double(scores.count)
            if mean < Self.clickRate { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static func probability(_ score: Double) -> Double { 1 / (1 + exp(-score)) }

    // MARK: - Text

    private mutating func event(_ number: Int) -> [UInt8] {
        var (thousandths, ids): ([Int], [UInt32]) = ([], [])
        let score = draw(number, &thousandths, &ids)
        let label = random.happens(Self.probability(score + intercept)) ? 1 : 0
        let time = Self.firstTime + number * Self.milliseconds / count
        var text = Array("{\"ts\":\(time),\"label\":\(label),\"features\":{".utf8)
        for (field, value) in thousandths.enumerated() {
            if field > 0 { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: "\"I\(field + 1)\":\(value / 1000).".utf8)
            text.append(contentsOf: String(1000 + value % 1000).utf8.dropFirst())
        }
        for (field, id) in ids.enumerated() {
            text.append(contentsOf: ",\"C\(field + 1)\":\"\(String(id, radix: 16))\"".utf8)
        }
        text.append(contentsOf: "}}".utf8)
        return text
    }
}
