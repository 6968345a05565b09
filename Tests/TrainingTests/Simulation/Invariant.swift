/// The promises of the checkpoint protocol (DESIGN, section 4), by their numbers there, and two more.
enum Invariant: Int, Sendable {
    /// A trainer ends only as one may: it lost the lane, or does not know what became of a call.
    case nobodyFailsForGood = 0
    case restoredIsTheFold = 1
    case everyOffsetIsAccountedFor = 2
    case aKilledRunEndsInTheSameBits = 3
    case theAcknowledgedIsNeverLost = 4
    case theLoserCommitsNothing = 5
    case servingNeverGoesBack = 6
    case whatIsRetainedExists = 7
    case damageChangesNothing = 8
    case aVersionWithinTwoIntervals = 9
    case frozenStandsStill = 10
    /// Section 6: nothing is served before the stream past it was clean for the hold-back.
    case onlyTheJudgedIsServed = 11
}

/// A promise that was not kept.
struct Violation: Error, Sendable, CustomStringConvertible {
    var invariant: Invariant
    var what: String

    var description: String { "invariant \(invariant.rawValue) (\(invariant)): \(what)" }
}
