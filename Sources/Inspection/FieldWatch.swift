/// Watches one field of the profile for events that lack it.
struct FieldWatch: Codable, Equatable, Sendable {
    /// The index into the profile's fields.
    let field: Int
    /// Required by configuration, or accepted by an operator as it is: watched whether or not it turns out to be usual.
    let isKept: Bool
    private(set) var rate: RateWatch

    init(field: Int, isKept: Bool, rate: RateWatch) {
        self.field = field
        self.isKept = isKept
        self.rate = rate
    }

    mutating func observe(isMissing: Bool, at sequence: UInt64) -> Bool { rate.observe(isBad: isMissing, at: sequence) }

    mutating func forget() { rate.forget() }

    mutating func require(logRunLength: Double) { rate.require(logRunLength: logRunLength) }

    /// Already missing from more than one in a hundred of the events it was to learn from: a field that comes and goes, whose absence
    /// says nothing.
    func isUnusual(learningEvents: Int) -> Bool {
        guard !isKept, !rate.isArmed, let learning = rate.learning else { return false }
        return learning.bad * 100 > learningEvents
    }
}
