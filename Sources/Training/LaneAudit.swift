public import Checkpointing
public import Inspection

/// What a lane enters in the audit, beside alarms and answers.
public enum LaneAudit: Equatable, Sendable {
    case gate(GateChange)
    case rollback(LaneRollback)
}

/// A change of the gate, and the events it is about.
public struct GateChange: Equatable, Sendable {
    public var transition: GateTransition
    /// Of a freeze: from the change point to the inspected position.
    public var ranges: [InputRange]
    /// Of a resume with `skip`: what is passed over from now on.
    public var skips: [SkipRange]
}

/// The lane went back to an older version, or had to and could not.
public struct LaneRollback: Codable, Equatable, Sendable {
    /// The newest version before.
    public var from: UInt64?
    /// The version that was brought back; nil where none that is old enough is retained.
    public var to: UInt64?
    /// The id of the cause: a detector's name, or an operator's command.
    public var cause: String
    /// The operator; nil when a detector was the reason.
    public var author: String?
    public var reason: String
    /// Of the detector.
    public var evidence: Double?
    public var threshold: Double?

    init(from: UInt64?, to: UInt64?, for cause: FreezeCause) {
        self.from = from
        self.to = to
        self.cause = cause.id
        author = cause.author
        reason = cause.reason ?? cause.detail
        evidence = cause.evidence
        threshold = cause.threshold
    }
}

extension LaneEngine {
    /// A transition as it is entered in the audit, once what it set off is done.
    func change(_ transition: GateTransition) -> GateChange {
        GateChange(
            transition: transition.updated(by: state.gate), ranges: transition.isFreeze ? frozenRanges : [],
            skips: transition.resumption?.mode == ControlCommand.ResumeMode.skip.rawValue ? skipsAhead : [])
    }
}
