/// Count, mean, variance and range of a stream of numbers, by Welford's method (Technometrics 4, 1962).
///
/// All numbers are finite at all times; those of an empty stream are 0.
public struct Moments: Codable, Equatable, Sendable {
    public private(set) var count: UInt64 = 0
    public private(set) var mean = 0.0
    public private(set) var minimum = 0.0
    public private(set) var maximum = 0.0
    private var squares = 0.0

    public init() {}

    /// The population variance.
    public var variance: Double { count == 0 ? 0 : squares / Double(count) }

    public var standardDeviation: Double { variance.squareRoot() }

    /// Expects a finite number, of a Float's magnitude at most.
    public mutating func observe(_ value: Double) {
        if count == 0 { (minimum, maximum) = (value, value) }
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
        minimum = min(minimum, value)
        maximum = max(maximum, value)
    }
}
