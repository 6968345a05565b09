import TestSupport

/// What befell a world, to be counted.
enum Misfortune: String, CaseIterable, Sendable {
    // At the calls of one process.
    case error, fencing, pause, death
    case rebalance, leaving
    // Of the broker, once each.
    case lostCommit, lostCommitReply, lateCommit, tornAppend, lateDelivery, sweep, compaction, expiry, flippedBit
    // Lies a broker tells as long as its world lasts.
    case showsOpen, showsAborted, fencesNobody, keepsOpen, commitsForeign, appendsTwice, losesInputs

    static func lies(of faults: MemoryTopic.Faults) -> [Misfortune] {
        let told: [(Misfortune, Bool)] = [
            (.showsOpen, faults.showsOpen), (.showsAborted, faults.showsAborted), (.fencesNobody, faults.fencesNobody),
            (.keepsOpen, faults.keepsOpen), (.commitsForeign, faults.commitsForeign), (.appendsTwice, faults.appendsTwice),
            (.losesInputs, faults.losesInputs),
        ]
        return told.filter(\.1).map(\.0)
    }
}
