/// One way in which a stream breaks.
enum FaultKind: String, CaseIterable, Sendable {
    // Records
    case notJSON = "not-json"
    case truncated
    case nullValue = "null-value"
    case duplicates
    case replay
    case sourceNotJSON = "source-not-json"
    // Labels
    case labelGone = "label-gone"
    case labelMistyped = "label-mistyped"
    case labelsZero = "labels-zero"
    case labelsOne = "labels-one"
    case labelsFlipped = "labels-flipped"
    case labelsShuffled = "labels-shuffled"
    case labelsDelayed = "labels-delayed"
    // Fields
    case fieldGone = "field-gone"
    case allFieldsGone = "all-fields-gone"
    case fieldRetyped = "field-retyped"
    case fieldRenamed = "field-renamed"
    case newFields = "new-fields"
    case columnsSwapped = "columns-swapped"
    case columnsRotated = "columns-rotated"
    case stuckField = "stuck-field"
    case stuckEvent = "stuck-event"
    case sourceFieldGone = "source-field-gone"
    // Values
    case times1000 = "times-1000"
    case allTimes1000 = "all-times-1000"
    case timesThousandth = "times-0.001"
    case allTimesThousandth = "all-times-0.001"
    case signFlipped = "sign-flipped"
    case minusOne = "minus-one"
    case code9999 = "code-9999"
    case noise
    case unseenCategories = "unseen-categories"
    case allUnseenCategories = "all-unseen-categories"
    case cardinality
    case sourceTimes1000 = "source-times-1000"
    // Event times
    case timeStuck = "time-stuck"
    case clockAhead = "clock-ahead"
    case clockBehind = "clock-behind"
    case seconds = "seconds-for-ms"
}

extension FaultKind {
    /// How much of what the events are is left.
    enum Grade: String, Sendable {
        /// They cannot be used, or their values leave everything that was ever seen.
        case gross
        /// One field, one source, or copies of what is right by itself.
        case partial
        /// Every event is one that could have been.
        case subtle
    }

    var grade: Grade {
        switch self {
        case .notJSON, .truncated, .nullValue, .labelGone, .labelMistyped, .labelsZero, .labelsOne, .allFieldsGone, .stuckEvent,
            .allTimes1000, .allUnseenCategories, .seconds:
            .gross
        case .duplicates, .replay, .sourceNotJSON, .fieldGone, .fieldRetyped, .fieldRenamed, .newFields, .columnsSwapped, .columnsRotated,
            .stuckField, .sourceFieldGone, .times1000, .timesThousandth, .allTimesThousandth, .signFlipped, .minusOne, .code9999,
            .unseenCategories, .cardinality, .sourceTimes1000, .timeStuck, .clockAhead, .clockBehind:
            .partial
        case .labelsFlipped, .labelsShuffled, .labelsDelayed, .noise: .subtle
        }
    }

    /// The shares of the events that are hit: what the fault is tried with.
    var shares: [Double] {
        switch self {
        case .replay: [1]
        case .sourceNotJSON, .sourceFieldGone, .sourceTimes1000: [Self.shareOfSource]
        default: [1, 0.5, 0.2, 0.1, 0.05]
        }
    }

    /// One source of ten is broken.
    static let shareOfSource = 0.1

    var isOfOneSource: Bool {
        switch self {
        case .sourceNotJSON, .sourceFieldGone, .sourceTimes1000: true
        default: false
        }
    }

    /// The least share from which on a freeze is demanded, in every trial; nil where what comes of it is only measured.
    ///
    /// What structure breaks is tolerated in 2 % of the events; what also comes by itself (new categories, repeated and late events) in a
    /// quarter of them.
    var freezesFrom: Double? {
        switch self {
        case .notJSON, .truncated, .nullValue, .labelGone, .labelMistyped, .allFieldsGone, .fieldGone, .fieldRenamed, .fieldRetyped,
            .sourceNotJSON, .sourceFieldGone:
            0.05
        case .allTimes1000, .allUnseenCategories, .seconds, .clockBehind: 0.5
        case .labelsZero, .labelsOne, .stuckEvent, .replay: 1
        default: nil
        }
    }
}
