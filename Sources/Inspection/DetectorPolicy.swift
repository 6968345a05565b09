/// What an alarm of a detector does.
public enum DetectorAction: String, Codable, Sendable, CaseIterable {
    /// Nothing at all: the detector is no reason for suspicion either.
    case off
    /// People are told; learning and clearance go on.
    case alert
    /// Learning stops at the change point, and versions are held back from half of the evidence on.
    case freeze
}

/// The kinds of detectors, as they are named in the policy. A detector of its own for each field makes the family `missing`.
public enum DetectorFamily: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
    /// Too many records are no examples.
    case rejectRate = "reject-rate"
    /// A field that is required or usual is not there.
    case missing
    /// One label and nothing else: the labels starved, or a constant took their place.
    case constantLabel = "constant-label"
    /// The share of label 1 left [½, 2] × what it used to be.
    case labelRate = "label-rate"

    /// Structural breakage freezes. A moving label rate may be the world itself, which is to be learnt, and so only alerts.
    public var defaultAction: DetectorAction {
        switch self {
        case .rejectRate, .missing, .constantLabel: .freeze
        case .labelRate: .alert
        }
    }
}
