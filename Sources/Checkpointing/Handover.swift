/// What the other lanes of a model say of an input partition that a lane is to read from now on.
///
/// A partition changes lanes by way of manifests: the lane that had it writes a version that hands it over, and only who has read that version
/// reads on, from the position in it. So nothing is learnt twice or lost, whoever dies in between.
public enum Handover: Equatable, Sendable {
    /// A lane still reads it.
    case held(by: UInt16)
    /// A lane has let go of it with this version.
    case handedOver(by: UInt16, version: UInt64, at: InputPosition, skips: [SkipRange])
    /// No lane has ever read it.
    case never

    /// - Parameter manifests: the newest of every other lane.
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

/// The other lanes of a model, as their logs show them.
public protocol OtherLanes: Sendable {
    /// The newest manifest of every other lane that has one.
    func manifests() async throws(LogFailure) -> [Manifest]
    /// A version of another lane, with its slots; nil when it is not retained any more.
    func restore(version: UInt64, of lane: UInt16) async throws(LogFailure) -> RestoredVersion?
}

/// There is one lane.
public struct NoOtherLanes: OtherLanes {
    public init() {}

    public func manifests() -> [Manifest] { [] }
    public func restore(version: UInt64, of lane: UInt16) -> RestoredVersion? { nil }
}
