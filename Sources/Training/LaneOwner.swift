/// What the group hands a lane to: a trainer, or one who writes a single version.
public protocol LaneOwner: Sendable {
    /// Takes the lane and owns it until its work is done, or until cancelled.
    func run() async throws
}

extension LaneTrainer: LaneOwner {}
