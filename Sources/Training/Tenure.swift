import Synchronization

/// How long a trainer may act for a lane: from the group's word that the lane is its own until the word that it is not. It ends once.
public final class Tenure: Sendable {
    private let ended = Atomic(false)

    public init() {}

    public var isOver: Bool { ended.load(ordering: .acquiring) }

    public func end() { ended.store(true, ordering: .releasing) }
}
