/// The running mean and deviation of a number that may have any unit: a feature in hectopascals, a label in hundreds of thousands.
/// Linear learners with one rate for all weights need their inputs near 0 and about 1 wide.
///
/// It is made so that one wild value cannot spoil it:
/// - The first eight values are kept, and give the first mean (their median) and deviation (twice the mean of the six smallest
///   distances from it), so that two wild ones among them change little.
/// - From then on a value counts as no further than ten deviations from the mean. A value beyond that also costs a fifth of the
///   count, so that the scale follows a real change of unit within some dozens of values.
/// - A number that never varied takes its first deviation from the first other value, up to max(|mean|, 1).
///
/// Counts saturate at `memory`, after which old values fade exponentially.
struct RunningScale: Equatable, Sendable {
    static let warmUp = 8
    static let bound: Float = 10
    static let memory = 1 << 20

    private(set) var count = 0
    private(set) var mean = 0.0
    private(set) var variance = 0.0
    private var first = SIMD8<Float>()
    private var inverseDeviation = 0.0

    init() {}

    /// A scale that is known, as an average of others is.
    init(mean: Double, deviation: Double) {
        count = Self.warmUp
        self.mean = mean
        setDeviation(variance: deviation * deviation)
    }

    var isWarm: Bool { count >= Self.warmUp }
    var deviation: Double { variance.squareRoot() }

    /// The number in deviations from the mean, within ±`bound`. Before the scale is known, and while the number never varied, its
    /// sign alone: that it is present may say something.
    @inline(__always)
    func standardised(_ value: Float) -> Float {
        guard inverseDeviation > 0 else { return value == 0 ? 0 : (value < 0 ? -1 : 1) }
        let distance = Float((Double(value) - mean) * inverseDeviation)
        return min(max(distance, -Self.bound), Self.bound)
    }

    /// Takes a finite value in; true when it was beyond the bound and counted as lying on it.
    @discardableResult
    mutating func observe(_ value: Float) -> Bool {
        guard isWarm else {
            first[count] = value
            count += 1
            mean = median(of: count)
            if isWarm {
                setDeviation(variance: firstVariance())
                first = SIMD8()
            }
            return false
        }
        var distance = Double(value) - mean
        if variance == 0, distance != 0 {
            let deviation = min(abs(distance), max(abs(mean), 1))
            variance = deviation * deviation
        }
        let limit = Double(Self.bound) * deviation
        let isBeyond = abs(distance) > limit
        if isBeyond {
            distance = distance < 0 ? -limit : limit
            count = max(Self.warmUp, count - count / 5)
        }
        count = min(count + 1, Self.memory)
        let share = 1 / Double(count)
        mean += share * distance
        setDeviation(variance: (1 - share) * (variance + share * distance * distance))
        return isBeyond
    }

    private mutating func setDeviation(variance: Double) {
        self.variance = variance
        inverseDeviation = variance > 0 ? 1 / variance.squareRoot() : 0
    }

    private func median(of count: Int) -> Double {
        let sorted = (0..<count).map { Double(first[$0]) }.sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }

    private func firstVariance() -> Double {
        let distances = (0..<Self.warmUp).map { abs(Double(first[$0]) - mean) }.sorted()
        let deviation = 2 * distances.prefix(6).reduce(0, +) / 6
        return deviation * deviation
    }
}

/// Written as an array: [count, mean, variance], or before the eighth value [count, value, …].
extension RunningScale: Codable {
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let count = try container.decode(Int.self)
        guard (0...Self.memory).contains(count) else { throw Self.corrupted(container, "a count of \(count)") }
        guard count >= Self.warmUp else {
            for _ in 0..<count { try observe(Self.finite(container.decode(Float.self), container)) }
            return
        }
        self.count = count
        mean = try Self.finite(container.decode(Double.self), container)
        let variance = try Self.finite(container.decode(Double.self), container)
        guard variance >= 0 else { throw Self.corrupted(container, "a variance of \(variance)") }
        setDeviation(variance: variance)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(count)
        guard isWarm else {
            for index in 0..<count { try container.encode(first[index]) }
            return
        }
        try container.encode(mean)
        try container.encode(variance)
    }

    private static func finite<Value: BinaryFloatingPoint>(_ value: Value, _ container: any UnkeyedDecodingContainer) throws -> Value {
        guard value.isFinite else { throw corrupted(container, "a number that is not finite") }
        return value
    }

    private static func corrupted(_ container: any UnkeyedDecodingContainer, _ found: String) -> DecodingError {
        .dataCorruptedError(in: container, debugDescription: "a running scale cannot have \(found)")
    }
}

extension RunningScale {
    /// What decides later values, for the digest; equal scales have equal words.
    func appendWords(to words: inout [UInt64]) {
        words.append(UInt64(count))
        guard isWarm else {
            for index in 0..<count { words.append(UInt64(first[index].bitPattern)) }
            return
        }
        words.append(mean.bitPattern)
        words.append(variance.bitPattern)
    }
}
