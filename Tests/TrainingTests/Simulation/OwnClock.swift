/// A trainer's clocks: the world's for waiting, and a time of day of its own, which may be an hour off and be set back.
struct OwnClock: Sendable {
    private let clock: ManualClock
    /// Milliseconds.
    private let offset: Int64
    private let setBack: Int64
    /// In seconds of the world's clock.
    private let setBackAt: Double

    var now: Double { clock.now }
    /// Milliseconds since 1970, as far as it knows.
    var wall: Int64 { clock.wall + offset - (clock.now < setBackAt ? 0 : setBack) }

    /// A clock as a trainer that starts now may have it.
    static func any(_ clock: ManualClock, _ generator: inout SeededGenerator) -> OwnClock {
        let hour = 3_600_000
        // Worlds begin in 1970, and no clock goes back before that.
        let offset = 2 * hour + (generator.happens(50) ? generator.below(2 * hour + 1) - hour : 0)
        let setBack = generator.happens(25) ? 1 + generator.below(hour) : 0
        let life = Double(generator.below(20))
        return OwnClock(clock: clock, offset: Int64(offset), setBack: Int64(setBack), setBackAt: clock.now + life)
    }
}
