/// What the group hands a lane to: a trainer, or one who writes a single version.
public protocol LaneOwner: Sendable {
    /// Whether the lane was taken, and not lost since.
    var isOwner: Bool { get async }

    /// Takes the lane and owns it until its work is done, until cancelled, or for its tenure.
    func run(during tenure: Tenure) async throws -> LaneEnd

    /// Follows the lane of another until the tenure ends.
    func standBy(during tenure: Tenure) async throws
}

/// How one who owned a lane came to an end.
public enum LaneEnd: Sendable {
    /// With a last version: cancelled, or the work is done.
    case left
    /// The tenure ended. Everything is still in memory, and the next run goes on from there.
    case parked
}

extension LaneOwner {
    /// One who has nothing to keep in memory is no owner between two tenures.
    public var isOwner: Bool { false }

    /// Nothing is kept in memory.
    public func standBy(during tenure: Tenure) async throws {
        while !tenure.isOver { try await Task.sleep(for: .milliseconds(100)) }
    }
}

extension LaneTrainer: LaneOwner {}
