/// Watches, field by field, for values that the model has never learnt: a vocabulary that was renamed, or that became one of random values.
///
/// The model itself is the memory of what was seen: the slot of a category that was never learnt is empty. A value is new once, so that a
/// campaign or a new shop is none of many; a field of ids has new values all the time, which its band knows.
struct NoveltyWatch: Codable, Equatable, Sendable {
    /// Fields beyond are not watched.
    static let fieldLimit = 256
    /// New values come in bursts: a season, a catalogue.
    private static let tolerance = 0.25

    /// In the order of the profile's fields, as far as they had values that were looked at.
    private(set) var fields: [RateWatch] = []

    init() {}

    /// Takes a value of a field; true when it completes the evidence.
    mutating func observe(isNovel: Bool, field: Int, at sequence: UInt64, learningEvents: Int, logRunLength: Double) -> Bool {
        guard field < Self.fieldLimit else { return false }
        while fields.count <= field { fields.append(Self.watch(learningEvents: learningEvents, logRunLength: logRunLength)) }
        if !isNovel && fields[field].isIdle { return false }
        return fields[field].observe(isBad: isNovel, at: sequence)
    }

    private static func watch(learningEvents: Int, logRunLength: Double) -> RateWatch {
        RateWatch(floor: tolerance, provisional: nil, learningEvents: learningEvents, logRunLength: logRunLength)
    }

    /// What is usual for the field is learnt anew.
    mutating func accept(_ field: Int, learningEvents: Int, logRunLength: Double) {
        fields[field] = Self.watch(learningEvents: learningEvents, logRunLength: logRunLength)
    }

    mutating func forget(_ field: Int) { fields[field].forget() }

    mutating func require(logRunLength: Double) {
        for field in fields.indices { fields[field].require(logRunLength: logRunLength) }
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool { fields.count <= Self.fieldLimit && fields.allSatisfy(\.isSound) }
}
