import Checkpointing
import TestSupport

/// What befell a world, to be counted.
enum Misfortune: String, CaseIterable, Sendable {
    // At the calls of one process.
    case error, fencing, pause, death
    case rebalance, leaving
    case inputError, outOfRange, corruptInput
    // Of the broker, once each.
    case lostCommit, lostCommitReply, lateCommit, tornAppend, lateDelivery, sweep, compaction, expiry, flippedBit
    // Lies a broker tells as long as its world lasts.
    case showsOpen, showsAborted, fencesNobody, keepsOpen, commitsForeign, appendsTwice, losesInputs

    // Of versions: older by the clock than the one before, which another trainer wrote or the same one.
    case skewedClock, clockSetBack
    // A transaction of a version that is not its first; a version left before its last; one whose manifest takes several records.
    case nextTransaction, cutVersion, manifestInParts

    /// What a version tells.
    static func told(by version: Ledger.Version) -> [Misfortune] {
        let body = version.manifest.body
        var told: [Misfortune] = version.partCount > 1 ? [.manifestInParts] : []
        guard let last = body.ladder.last, last.createdAt > body.createdAt else { return told }
        told.append(last.epoch == body.epoch ? .clockSetBack : .skewedClock)
        return told
    }

    static func lies(of faults: MemoryTopic.Faults) -> [Misfortune] {
        let told: [(Misfortune, Bool)] = [
            (.showsOpen, faults.showsOpen), (.showsAborted, faults.showsAborted), (.fencesNobody, faults.fencesNobody),
            (.keepsOpen, faults.keepsOpen), (.commitsForeign, faults.commitsForeign), (.appendsTwice, faults.appendsTwice),
            (.losesInputs, faults.losesInputs),
        ]
        return told.filter(\.1).map(\.0)
    }
}

extension MemoryTopic.Faults {
    /// What is wrong with a seed's broker.
    static func any(_ generator: inout SeededGenerator) -> MemoryTopic.Faults {
        var faults = MemoryTopic.Faults()
        guard generator.happens(60) else { return faults }
        faults.showsOpen = generator.happens(15)
        // Who shows a record and hides it later takes it away from those who have built on it.
        faults.showsAborted = faults.showsOpen || generator.happens(20)
        faults.fencesNobody = generator.happens(25)
        faults.keepsOpen = generator.happens(15)
        faults.commitsForeign = generator.happens(20)
        faults.appendsTwice = generator.happens(15)
        faults.losesInputs = generator.happens(15)
        return faults
    }
}

extension WriteLimits {
    /// Models are small here, and limits so much smaller that versions go beyond them.
    static func any(_ generator: inout SeededGenerator) -> WriteLimits {
        var limits = WriteLimits()
        // Less than a page: each goes alone.
        if generator.happens(75) { limits.transactionBytes = 1 }
        if generator.happens(60) { limits.partBytes = 2_048 << generator.below(3) }
        return limits
    }
}

extension MemoryTopic {
    /// Something goes wrong with it once, or what went wrong arrives.
    func bend(_ way: Int) -> Misfortune {
        let ways: [Misfortune] = [.lostCommit, .lostCommitReply, .lateCommit, .tornAppend, .lateDelivery, .lateDelivery, .sweep]
        switch way {
        case 0: faults.lostCommits = 1
        case 1: faults.lostCommitReplies = 1
        case 2: faults.lateCommits = 1
        case 3: faults.tornAppends = 1
        case 4, 5: deliverLate()
        default: sweep()
        }
        return ways[way]
    }

    /// Compaction may come at any moment, to any offset, with or without the end of the tombstones.
    func clean(_ generator: inout SeededGenerator) -> Misfortune {
        let end = records.last?.offset ?? 0
        let limit = generator.happens(40) ? .max : Int64(generator.below(Int(end) + 1))
        guard generator.happens(70) else {
            expireTombstones(through: limit)
            return .expiry
        }
        compact(through: limit)
        return .compaction
    }

    /// Nobody is left who writes, and it does what it should from now on. What it showed it goes on showing.
    func heal() {
        var faults = MemoryTopic.Faults()
        (faults.showsAborted, faults.showsOpen) = (self.faults.showsAborted, self.faults.showsOpen)
        sweep()
        self.faults = faults
        deliverLate()
    }
}
