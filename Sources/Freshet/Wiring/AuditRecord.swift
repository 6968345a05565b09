import Checkpointing
import Inspection
import Training

/// Who did what, when, why, with which evidence: a record of `<model>.audit`.
struct AuditRecord: Codable, Sendable {
    var at: Int64
    var model: String
    var lane: UInt16
    var instance: String
    /// `gate`, `alarm`, `rollback` or `command`.
    var what: String
    var transition: GateTransition?
    /// Of a freeze: what is in doubt.
    var ranges: [InputRange]?
    /// Of a resume with skip: what is passed over from now on.
    var skips: [SkipRange]?
    var alarm: Alarm?
    var rollback: LaneRollback?
    var answer: ControlAnswer?

    init(
        _ settings: Settings, _ identity: ProcessIdentity, lane: UInt16, what: String, transition: GateTransition? = nil,
        alarm: Alarm? = nil, answer: ControlAnswer? = nil
    ) {
        at = Clocks.wall()
        model = settings.model
        self.lane = lane
        instance = identity.instance
        self.what = what
        self.transition = transition
        self.alarm = alarm
        self.answer = answer
    }
}
