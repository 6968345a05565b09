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

    /// Events most of whose fields are missing or strange.
    case brokenEvents = "broken-events"
    /// Values that a field never had: renamed categories, numbers far from all others.
    case strange
    /// A field has one value and nothing else where its values used to change.
    case stuck
    /// A field's values are distributed otherwise than they used to be.
    case shift
    /// Few of a steady field's usual values are left.
    case replaced
    /// Values that the model never learnt.
    case unseen
    /// Events with fields that none had before.
    case newFields = "new-fields"
    /// Events whose id was there shortly before.
    case duplicates
    /// Events that are older than those before them.
    case eventTime = "event-time"
    /// Event times that stand still, or leap ahead.
    case clock
    /// The model predicts worse than the mean of the labels does.
    case loss
    /// The labels say the opposite of what the model predicts.
    case labelFlip = "label-flip"
    /// The labels have nothing to do with what the model predicts.
    case labelNoise = "label-noise"
    /// Label 1 is twice as frequent as predicted, or half as frequent.
    case calibration
    /// The predictions hardly vary any more.
    case predictions
    /// The influence budget cuts far more updates than it used to.
    case updates
    /// A prediction that is no number.
    case nonFinite = "non-finite"

    /// Structural breakage freezes. A moving label rate may be the world itself, which is to be learnt, and so only alerts.
    public var defaultAction: DetectorAction {
        switch self {
        case .rejectRate, .missing, .constantLabel, .brokenEvents, .strange, .stuck, .replaced, .eventTime, .loss, .labelFlip, .nonFinite:
            .freeze
        case .labelRate, .shift, .unseen, .newFields, .duplicates, .clock, .labelNoise, .calibration, .predictions, .updates: .alert
        }
    }
}

extension DetectorFamily {
    /// The name of a field's own detector, as `missing/<path>` with one slash between them.
    func name(of path: String) -> String { rawValue + (path.hasPrefix("/") ? "" : "/") + path }
}
