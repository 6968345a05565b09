/// What the lanes of a model say of an input partition that one of them is to read from now on.
///
/// A partition changes lanes by way of manifests: the lane that had it writes a version that hands it over, and only who has read that version
/// reads on, from the position in it. So nothing is learnt twice or lost, whoever dies in between.
public enum Handover: Equatable, Sendable {
    /// A lane still reads it.
    case held(by: UInt16)
    /// A lane has let go of it with this version, and nobody has taken it since.
    case handedOver(by: UInt16, version: UInt64, at: InputPosition, skips: [SkipRange])
    /// No lane has ever read it.
    case never

    /// - Parameter manifests: the newest of every lane: the one that asks may have let go of it itself, when there were fewer.
    public init(topic: String, partition: Int32, in manifests: [Manifest]) {
        self = .never
        for body in manifests.map(\.body) {
            guard let input = body.state.inputs.first(where: { $0.topic == topic && $0.partition == partition }) else { continue }
            guard input.isHandedOver else {
                self = .held(by: body.lane)
                return
            }
            // It may have been through several lanes; positions only grow.
            if case .handedOver(_, _, let known, _) = self, known.next >= input.next { continue }
            let skips = body.state.skips.filter { $0.topic == topic && $0.partition == partition && $0.to > input.next }
            self = .handedOver(by: body.lane, version: body.version, at: input, skips: skips)
        }
    }
}

/// A lane as its log shows it to another.
public struct LaneSight: Sendable {
    public var lane: UInt16
    public var newest: Manifest?
    /// How many lanes there are as far as its last owner knew; nil while nobody has ever taken it. One who did not say counts as one who knew.
    public var counted: UInt16?

    public init(lane: UInt16, newest: Manifest?, counted: UInt16?) {
        self.lane = lane
        self.newest = newest
        self.counted = counted
    }
}

extension LaneShare {
    /// Whether one who counted fewer lanes may be about to take the partition for its own: the owner of the lane it belonged to then. Once that
    /// lane has an owner who knows how many there are, nothing that an earlier one writes is a version.
    public func mayBeClaimed(_ partition: Int32, _ sights: [LaneSight]) -> Bool {
        let former = Set((1..<max(1, lanes)).map { UInt16(partition % Int32($0)) })
        return sights.contains { former.contains($0.lane) && $0.counted ?? 0 < lanes }
    }
}

/// The other lanes of a model, as their logs show them.
public protocol OtherLanes: Sendable {
    func look() async throws(LogFailure) -> [LaneSight]
    /// A version of another lane, with its slots; nil when it is not retained any more.
    func restore(version: UInt64, of lane: UInt16) async throws(LogFailure) -> RestoredVersion?
    /// Lets the others act before they are looked at again.
    func wait(_ time: Duration) async throws
}

extension OtherLanes {
    public func wait(_ time: Duration) async throws { try await Task.sleep(for: time) }
}

/// There is one lane.
public struct NoOtherLanes: OtherLanes {
    public init() {}

    public func look() -> [LaneSight] { [] }
    public func restore(version: UInt64, of lane: UInt16) -> RestoredVersion? { nil }
}
