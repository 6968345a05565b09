/// Why learning is frozen. The raw value is what statuses, metrics and JSON documents show.
public enum FreezeKind: String, Codable, Sendable, CaseIterable {
    case feedStalled = "feed-stalled"
    case brokerLost = "broker-lost"
    case topicGone = "topic-gone"
    /// The topic was truncated or made anew: what lies at our positions is not what lay there.
    case inputReplaced = "input-replaced"
    /// Retention took events before they were read.
    case retentionOverrun = "retention-overrun"
    case operatorOrder = "operator"
    case rejectRate = "reject-rate"
    case missingField = "missing-field"
    case constantLabel = "constant-label"
    case labelRate = "label-rate"
    case brokenEvents = "broken-events"
    case strangeValues = "strange-values"
    case stuckField = "stuck-field"
    case shiftedField = "shifted-field"
    case replacedValues = "replaced-values"
    case duplicates
    case eventTime = "event-time"
    case loss
    /// Labels that contradict the model, or have nothing to do with it.
    case labelDamage = "label-damage"
    /// Weights or predictions that are no numbers, or no good any more.
    case modelDamage = "model-damage"

    public init(_ family: DetectorFamily) {
        self =
            switch family {
            case .rejectRate: .rejectRate
            case .missing: .missingField
            case .constantLabel: .constantLabel
            case .labelRate: .labelRate
            case .brokenEvents: .brokenEvents
            case .strange, .newFields: .strangeValues
            case .stuck: .stuckField
            case .shift, .unseen: .shiftedField
            case .replaced: .replacedValues
            case .duplicates: .duplicates
            case .eventTime, .clock: .eventTime
            case .loss: .loss
            case .labelFlip, .labelNoise: .labelDamage
            case .calibration, .predictions, .updates, .nonFinite: .modelDamage
            }
    }

    /// Silence ends by itself, and so does corruption of kinds that end cleanly. Damage to labels or the model, and input that is not
    /// what it was, wait for a person.
    public var defaultResume: FreezeResume {
        switch self {
        case .feedStalled, .brokerLost, .rejectRate, .missingField, .brokenEvents, .strangeValues, .stuckField, .replacedValues,
            .duplicates,
            .eventTime:
            .automatic
        case .topicGone, .inputReplaced, .retentionOverrun, .operatorOrder, .constantLabel, .labelRate, .shiftedField, .loss, .labelDamage,
            .modelDamage:
            .manual
        }
    }

    /// Whether what was read is in doubt, and not merely late.
    public var doubtsContent: Bool {
        switch self {
        case .feedStalled, .brokerLost, .topicGone, .operatorOrder: false
        case .inputReplaced, .retentionOverrun, .rejectRate, .missingField, .constantLabel, .labelRate, .brokenEvents, .strangeValues,
            .stuckField, .shiftedField, .replacedValues, .duplicates, .eventTime, .loss, .labelDamage, .modelDamage:
            true
        }
    }
}

/// Who may end a freeze.
public enum FreezeResume: String, Codable, Sendable, CaseIterable {
    case automatic, manual
}

/// One reason to be frozen.
public struct FreezeCause: Codable, Equatable, Sendable {
    /// Tells causes apart: the detector's name, or the id of the operator's command.
    public let id: String
    public let kind: FreezeKind
    /// What happened, for people.
    public internal(set) var detail: String
    /// In milliseconds since 1970.
    public let since: Int64
    public internal(set) var resume: FreezeResume
    /// Log evidence and threshold of the detector, or seconds of silence and their limit.
    public let evidence: Double?
    public let threshold: Double?
    /// The operator who ordered the freeze, and why.
    public let author: String?
    public let reason: String?
    /// What became of damage that may have been learnt; nil until that is known, and of a cause that doubts nothing.
    public internal(set) var did: FreezeDeed?
    /// The version that was brought back.
    public internal(set) var rolledBackTo: UInt64?

    public init(
        id: String, kind: FreezeKind, detail: String, since: Int64, resume: FreezeResume? = nil, evidence: Double? = nil,
        threshold: Double? = nil, author: String? = nil, reason: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.detail = detail
        self.since = since
        self.resume = resume ?? kind.defaultResume
        self.evidence = evidence
        self.threshold = threshold
        self.author = author
        self.reason = reason
    }

    /// The cause that a detector's alarm is.
    public init(_ alarm: Alarm, since: Int64, resume: FreezeResume? = nil) {
        self.init(
            id: alarm.detector, kind: FreezeKind(alarm.family), detail: alarm.sentence, since: since, resume: resume,
            evidence: alarm.logEvidence, threshold: alarm.logThreshold)
    }
}
