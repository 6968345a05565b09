public import Inspection
import Learning

/// What the owner of a lane has decided beforehand.
public struct EnginePolicy: Sendable {
    public var inspection: InspectionConfiguration
    public var stall: StallMode
    /// Whether a silent feed freezes the gate; it always resumes by itself, and by replay.
    public var stallFreezes: Bool
    /// After arrivals return, so many seconds without silence lift the freeze of a stalled feed.
    public var probationSeconds: Double
    /// Seconds without events after which what is held back is learnt, if nothing is under suspicion.
    public var quietSeconds: Double
    /// The age (ms of event time) at which a version becomes the twin; nil for none.
    public var twinAge: Int64?
    public var quarantineBytes: Int
    /// Seconds without an answer after which the broker counts as lost.
    public var brokerAnswerSeconds = 15.0
    /// How many ranges the ledger in the manifest keeps.
    public var ledgerEntries = 1_000
    /// Who ends a freeze, where that is not `FreezeKind.defaultResume`.
    public var resumption: [FreezeKind: FreezeResume] = [:]
    /// How many events in a row have to be clean before a freeze ends by itself.
    public var cleanEvents = RecoveryWatch.cleanEvents

    public init(
        inspection: InspectionConfiguration, stall: StallMode = .auto, stallFreezes: Bool = true, probationSeconds: Double = 5,
        quietSeconds: Double = 0.5, twinAge: Int64? = 3_600_000, quarantineBytes: Int = 8 << 20
    ) {
        self.inspection = inspection
        self.stall = stall
        self.stallFreezes = stallFreezes
        self.probationSeconds = probationSeconds
        self.quietSeconds = quietSeconds
        self.twinAge = twinAge
        self.quarantineBytes = quarantineBytes
    }

    func resume(of kind: FreezeKind) -> FreezeResume { resumption[kind] ?? kind.defaultResume }
}

/// The frozen models that are scored beside the learner.
struct Twins: Sendable {
    var active: LinearModel?
    var successor: LinearModel?
}
