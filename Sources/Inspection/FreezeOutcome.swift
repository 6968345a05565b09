/// What a freeze did about damage that may have been learnt.
public enum FreezeDeed: String, Codable, Sendable, CaseIterable {
    /// A version from before the change point was brought back.
    case rolledBack = "rolled-back"
    /// Nothing from the change point on had been learnt.
    case nothingLearnt = "nothing-learnt"
    /// No version from before the change point was retained: what was learnt past it stays.
    case nothingRetained = "nothing-retained"
}

/// Who ended a freeze, why, and what becomes of the events past the change point.
public struct Resumption: Codable, Equatable, Sendable {
    /// The id of the operator's command; nil of a freeze that ended by itself.
    public let command: String?
    public let author: String
    public let reason: String
    /// `replay` or `skip`.
    public let mode: String

    public init(command: String? = nil, author: String, reason: String, mode: String) {
        self.command = command
        self.author = author
        self.reason = reason
        self.mode = mode
    }
}

extension FreezeCause {
    /// The same cause, and what it did.
    func having(_ deed: FreezeDeed, rolledBackTo version: UInt64? = nil) -> FreezeCause {
        var cause = self
        (cause.did, cause.rolledBackTo) = (deed, version)
        return cause
    }

    /// The same cause, which waits for a person from now on.
    func waiting(because note: String) -> FreezeCause {
        var cause = self
        cause.resume = .manual
        cause.detail += " " + note
        return cause
    }
}

extension GateTransition {
    /// The same transition, with its causes as they stand at the gate by now: what a cause did is known only after it came.
    public func updated(by gate: Gate) -> GateTransition {
        var transition = self
        transition.causes = causes.map { cause in gate.causes.first { $0.id == cause.id } ?? cause }
        return transition
    }
}
