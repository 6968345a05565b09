/// Which partitions of the input topics a lane reads: p with p mod `lanes` = `lane`.
public struct LaneShare: Equatable, Sendable {
    public var lane: UInt16
    /// As many as the checkpoint topic has partitions.
    public var lanes: UInt16

    public init(lane: UInt16, of lanes: UInt16) {
        self.lane = lane
        self.lanes = max(1, lanes)
    }

    public func contains(_ partition: Int32) -> Bool { UInt16(truncatingIfNeeded: partition) % lanes == lane }
}
