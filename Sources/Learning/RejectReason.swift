/// Why a record cannot be an example. The raw value is what quarantine headers, metrics and JSON documents show.
public enum RejectReason: String, CaseIterable, Codable, Sendable {
    /// The record has a null value: a tombstone, no event.
    case nullValue = "null-value"
    /// The bytes are not one JSON object.
    case notJSON = "not-json"
    case labelMissing = "label-missing"
    /// The label is of another type, or not a value the task can learn (binary: 0, 1, true, false; regression: a finite number).
    case labelMistyped = "label-mistyped"
    /// The event time is configured, and missing or no time.
    case timeInvalid = "time-invalid"
    /// The importance weight is of another type, not finite, or not above 0.
    case weightInvalid = "weight-invalid"
    /// A number is not finite, or too large for a Float.
    case numberNotFinite = "number-not-finite"
    case numberOutOfRange = "number-out-of-range"
    case requiredFieldMissing = "required-field-missing"
    /// A declared field has a value of another type.
    case fieldMistyped = "field-mistyped"
    /// More features, deeper nesting or more bytes than the configured limits.
    case tooLarge = "too-large"
    /// The event is well formed but has no usable feature.
    case nothingUsable = "nothing-usable"
}
