@testable import Checkpointing
import Inspection
@testable import Learning
import TestSupport

@testable import Training

/// What must hold at any moment: invariants 1, 2, 4 to 8 and 10.
extension LaneWorld {
    struct Memory {
        var newest: Ledger.Version?
        /// The newest there ever was: what left its ladder is not retained, though damage may have made an older one the newest.
        var greatest: Ledger.Version?
        /// The greatest version its writer was told of while it had the lane.
        var acknowledged: Ledger.Version?
        /// Every manifest there ever was, by its digest, and which of them was judged.
        var ranks: [Digest128: Ledger.Rank] = [:]
        var judged: Set<Digest128> = []
        /// The model of each version that was ever valid.
        var models: [UInt64: Digest128] = [:]
        /// The numbers of the versions that were ever cleared.
        var cleared: Set<UInt64> = []
        /// Ids of commands a valid version holds.
        var effects: Set<String> = []
        var happened: Set<Happening> = []
        var readerServed: UInt64?
        var served: UInt64 = 0
    }

    func check() throws(Violation) {
        try checkEndings()
        try checkLog()
        let news = board.takeNews()
        for manifest in news.acknowledged { try acknowledge(manifest) }
        for answer in news.answers { try check(answer) }
        for hand in hands where hand.isIdle {
            guard let look = look(at: hand) else { continue }
            try checkAccounts(look.counts, look.inputs)
        }
    }

    func expect(_ holds: Bool, _ invariant: Invariant, _ what: @autoclosure () -> String) throws(Violation) {
        if !holds { throw Violation(invariant: invariant, what: what()) }
    }

    // MARK: - Trainers

    private func checkEndings() throws(Violation) {
        for hand in hands {
            memory.happened.formUnion(hand.happened)
            guard case .failed(let error) = hand.end else {
                if hand.end != nil { memory.happened.insert(.left) }
                continue
            }
            let failure = error as? LogFailure
            memory.happened.insert(failure?.kind == .fenced ? .fencedOff : .gaveUp)
            let mayEnd = failure.map { $0.kind != .permanent || $0 == Peril.corruption } ?? false
            try expect(mayEnd, .nobodyFailsForGood, "trainer \(hand.number): \(error)")
        }
        hands.removeAll { $0.end != nil }
    }

    struct Look: Sendable {
        /// Frozen by more than a silent feed.
        var waitsForOrders: Bool { digest != nil && gate.causes.contains { $0.kind != .feedStalled } }

        var counts: EventCounts
        var inputs: [InputPosition]
        var gate: Gate
        var isSuspect: Bool
        /// Of a frozen one.
        var digest: Digest128?
    }

    /// A trainer between two steps.
    func look(at hand: Hand) -> Look? {
        guard hand.isIdle else { return nil }
        let mutation = mutation
        return thread.value { await hand.trainer.lookFromTheWorld(mutation) }
    }

    /// 10: frozen, no weight changes.
    func checkStandstill(_ before: Look, _ after: Look) throws(Violation) {
        guard before.digest != nil, after.digest != nil, before.gate == after.gate else { return }
        let stands = before.digest == after.digest && before.inputs.map(\.next) == after.inputs.map(\.next)
        try expect(stands, .frozenStandsStill, "from \(before.inputs.map(\.next)) to \(after.inputs.map(\.next))")
    }

    /// 2: learnt + quarantined + skipped + gaps = positions − starts, and each is what the feed says.
    private func checkAccounts(_ counts: EventCounts, _ inputs: [InputPosition]) throws(Violation) {
        let taken = inputs.reduce(0) { $0 + UInt64($1.next - $1.start) }
        try expect(counts.accounted == taken, .everyOffsetIsAccountedFor, "\(counts) at \(inputs.map(\.next))")
    }

    // MARK: - The log

    func checkLog() throws(Violation) {
        guard topic.changes != lookedAt else { return }
        lookedAt = topic.changes
        ledger.read(topic.records)
        for version in ledger.versions.values {
            memory.ranks[version.digest] = version.rank
            if !ledger.isOwned(version), damagedKey == nil { memory.happened.insert(.strayManifest) }
        }
        let valid = ledger.valid
        for version in valid where memory.judged.insert(version.digest).inserted { try judge(version) }
        for id in ledger.cleared.sorted() { try checkClearance(of: id) }
        guard let newest = valid.last else { return }
        // 5: no version of an older epoch supersedes one of a newer. 4: what was newest is not lost.
        if damagedKey == nil, let former = memory.newest {
            try expect(newest.rank >= former.rank, .theLoserCommitsNothing, "\(newest.rank) after \(former.rank)")
        }
        memory.newest = newest
        if newest.rank >= memory.greatest?.rank ?? newest.rank { memory.greatest = newest }
        if let greatest = memory.greatest { try checkRetained(greatest) }
    }

    private func judge(_ version: Ledger.Version) throws(Violation) {
        let body = version.manifest.body
        trace.note(body.modelDigest.low ^ body.version)
        try checkFold(version)
        memory.effects.formUnion(body.state.commands)
        memory.happened.formUnion(Happening.told(by: version.manifest))
        for misfortune in Misfortune.told(by: version) { trace.count(misfortune) }
        // 6: one version number, one digest, for ever.
        let known = memory.models.updateValue(body.modelDigest, forKey: body.version)
        try expect(known == nil || known == body.modelDigest, .servingNeverGoesBack, "version \(body.version) has two models")
        try checkParent(of: version)
    }

    /// 1: slots and globals are those of the fold over the events up to the positions. 2: so are the counts.
    private func checkFold(_ version: Ledger.Version) throws(Violation) {
        let state = version.manifest.body.state
        guard let outcome = fold.fold(to: state.inputs.map(\.next), without: state.skips) else {
            throw Violation(invariant: .restoredIsTheFold, what: "\(version.rank): no prefix of the feed")
        }
        let digest = version.manifest.body.modelDigest
        try expect(digest == outcome.digest, .restoredIsTheFold, "\(describe(version)) says another digest")
        try expect(digest == model(of: version.manifest, ledger.slots(of: version)), .restoredIsTheFold, "\(version.rank) has other slots")
        try checkAccounts(state.counts, state.inputs)
        let counts = state.counts
        let same = counts.learnt == outcome.learnt && counts.quarantined == outcome.quarantined && counts.skipped == outcome.skipped
        try expect(same, .everyOffsetIsAccountedFor, "\(version.rank): \(counts) for \(outcome)")
    }

    /// 11: a version waits for its hold-back, unless it brings back one that has waited.
    private func checkClearance(of id: VersionID) throws(Violation) {
        guard let body = ledger.versions[id]?.manifest.body, memory.cleared.insert(id.version).inserted else { return }
        if let restored = body.restores, memory.cleared.contains(restored) { return }
        // By its writer's clock it may be of any age.
        let age = board.toldAt(id).map { clock.now - $0 }
        let hasWaited = age.map { $0 >= holdBack } ?? (damagedKey != nil)
        try expect(hasWaited, .onlyTheJudgedIsServed, "version \(id.version) was cleared after \(String(describing: age)) s")
    }

    private func describe(_ version: Ledger.Version) -> String {
        let body = version.manifest.body
        let restored = body.restores.map { ", brings back \($0)" } ?? ""
        let skips = body.state.skips.map { "\($0.partition): \($0.from)..<\($0.to)" }
        return "\(version.rank) at \(body.state.inputs.map(\.next))\(restored), learnt \(body.state.counts.learnt), skips \(skips)"
    }

    /// The digest of a model made of a version's own bytes; nil when they make none.
    func model(of manifest: Manifest, _ slots: [Int: [UInt8]]?) -> Digest128? {
        var learner = Learner(configuration.specification.learner)
        do {
            for (index, bytes) in slots ?? [:] { try learner.load(page: index, from: bytes) }
        } catch {
            return nil
        }
        learner.globals = manifest.body.state.globals
        return slots == nil ? nil : learner.digest(fingerprint: identity.fingerprint)
    }

    /// 5: a version is built on one whose writer had the lane. 4: and on nothing older than what was acknowledged before.
    private func checkParent(of version: Ledger.Version) throws(Violation) {
        guard damagedKey == nil else { return }
        let parent = version.manifest.body.parent?.digest
        let rank = parent.flatMap { memory.ranks[$0] }
        try expect(
            parent.map(memory.judged.contains) ?? true, .theLoserCommitsNothing,
            "\(version.rank) is built on \(String(describing: rank)), which never was a version")
        guard let floor = memory.acknowledged, floor.offset < version.offset else { return }
        try expect(
            rank.map { $0 >= floor.rank } ?? false, .theAcknowledgedIsNeverLost,
            "\(version.rank) is built on \(String(describing: rank)), not on \(floor.rank)")
    }

    /// 7: what is on the ladder can be restored, whatever the compactor did.
    private func checkRetained(_ newest: Ledger.Version) throws(Violation) {
        for rung in newest.manifest.body.ladder where !isDamaged(rung.id) {
            let version = ledger.versions[rung.id]
            try expect(
                version.map { $0.digest == rung.digest && ledger.isWhole($0) } ?? false, .whatIsRetainedExists,
                "version \(rung.version) on the ladder of \(newest.rank)")
        }
    }

    /// Whether the damaged record belongs to a version, or may: its manifest cannot be read.
    private func isDamaged(_ id: VersionID) -> Bool {
        guard let damagedKey else { return false }
        if case .manifest(id, _) = damagedKey { return true }
        guard case .page(let page) = damagedKey else { return false }
        return ledger.versions[id]?.manifest.pages.contains { $0.page == page } ?? true
    }

    // MARK: - What was said

    private func acknowledge(_ manifest: Manifest) throws(Violation) {
        guard let version = ledger.versions[manifest.id] else { return }
        // 5: a trainer that lost its lane can commit nothing more. A broker that fences nobody lets it, and nobody takes it for a version.
        if fences { try expect(ledger.isOwned(version), .theLoserCommitsNothing, "\(version.rank) was committed") }
        guard ledger.isOwned(version), version.rank >= memory.acknowledged?.rank ?? version.rank else { return }
        memory.acknowledged = version
        guard damagedKey == nil else { return }
        try expect(ledger.isWhole(version), .theAcknowledgedIsNeverLost, "\(version.rank) was acknowledged and is not whole")
    }

    /// A command is answered when a version holds its effect.
    private func check(_ answer: ControlAnswer) throws(Violation) {
        let holds = answer.outcome == .refused || memory.effects.contains(answer.command) || !fences || damagedKey != nil
        try expect(holds, .theAcknowledgedIsNeverLost, "command \(answer.command) was answered and is in no version")
    }

    /// 6: what is served is whole, and never goes back.
    func check(served: RestoredVersion) throws(Violation) {
        try checkLog()
        let body = served.manifest.body
        let floor = damagedKey == nil ? memory.served : memory.readerServed ?? 0
        let news = memory.readerServed.map { body.version > $0 } ?? (body.version >= floor)
        try expect(news, .servingNeverGoesBack, "\(body.version) after \(memory.readerServed ?? floor)")
        try expect(memory.judged.contains(served.digest), .servingNeverGoesBack, "\(body.version) was never valid")
        try expect(
            model(of: served.manifest, served.slots) == body.modelDigest, damagedKey == nil ? .servingNeverGoesBack : .damageChangesNothing,
            "\(body.version) is served with other slots")
        // Of a version whose manifest was damaged after it was read, only the clearance can still be seen.
        let wasCleared = ledger.cleared.contains(served.manifest.id) || memory.cleared.contains(body.version)
        let isCleared = wasCleared || mutation == .trustsTheLastOffset
        try expect(isCleared, .onlyTheJudgedIsServed, "\(body.version) is served without having been cleared")
        if memory.readerServed == nil, memory.served > 0 { memory.happened.insert(.servedByNewReader) }
        (memory.readerServed, memory.served) = (body.version, max(memory.served, body.version))
    }
}

extension LaneTrainer {
    fileprivate func lookFromTheWorld(_ mutation: Mutation?) -> LaneWorld.Look {
        let digest = engine.isFrozen ? engine.learner.digest(fingerprint: writer.identity.fingerprint) : nil
        mutation?.spoil(self)
        return LaneWorld.Look(
            counts: engine.state.counts, inputs: engine.state.inputs, gate: engine.state.gate,
            isSuspect: engine.inspector.isSuspect, digest: digest)
    }
}
