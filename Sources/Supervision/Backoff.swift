/// How long to wait before trying again: doubling, bounded.
public struct Backoff: Equatable, Sendable {
    public var first: Duration
    public var longest: Duration

    public init(first: Duration = .seconds(1), longest: Duration = .seconds(60)) {
        self.first = first
        self.longest = longest
    }

    /// - Parameter attempt: 0 for the wait after the first failure.
    public func delay(_ attempt: Int) -> Duration {
        min(longest, first * (1 << min(attempt, 20)))
    }
}
