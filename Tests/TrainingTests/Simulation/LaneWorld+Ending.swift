import Checkpointing
import Learning
import TestSupport

@testable import Training

/// Damage at rest, and what must hold once all is well again: invariants 3, 8 and 9.
extension LaneWorld {
    /// 8: one record is damaged, once in a world, when there are versions to fall back to.
    func damage() throws(Violation) {
        let records = topic.records.filter { $0.value != nil }
        guard damagedKey == nil, ledger.valid.count >= (mutation == .keepsOneVersion ? 1 : 3), !records.isEmpty else { return }
        let record = records[generator.below(records.count)]
        let (place, bit) = (generator.below(max(1, record.value?.count ?? 1)), UInt8(generator.below(8)))
        damagedKey = RecordKey(record.key)
        trace.count(.flippedBit)
        topic.damage(at: record.offset) { bytes in
            var bytes = bytes
            bytes[place] ^= 1 << bit
            return bytes
        }
        ledger.forget(record.offset)
        try checkThatDamageChangesNothing(record)
    }

    /// A trainer and a publisher that come now find a retained version, bit for bit.
    private func checkThatDamageChangesNothing(_ record: LogRecord) throws(Violation) {
        let copy = MemoryTopic(copying: topic)
        copy.sweep()
        (copy.faults.lostCommits, copy.faults.lostCommitReplies, copy.faults.lateCommits, copy.faults.tornAppends) = (0, 0, 0, 0)
        let (identity, clock) = (identity, clock)
        let taken = thread.value { () -> Result<RestoredVersion?, any Error> in
            let writer = LaneWriter(log: MemoryLog(copy), identity: identity, writer: WriterID(bits: 1), now: { clock.wall })
            do { return .success(try await writer.take()) } catch { return .failure(error) }
        }
        let what = "after a flip in \(String(decoding: record.key, as: UTF8.self))"
        guard case .success(let restored?) = taken else {
            throw Violation(invariant: .damageChangesNothing, what: "nothing restores \(what): \(String(describing: taken))")
        }
        if restored.digest != memory.newest?.digest { memory.happened.insert(.damageFallenBackOn) }
        let state = restored.manifest.body.state
        let model = model(of: restored.manifest, restored.slots)
        try expect(model == restored.manifest.body.modelDigest, .damageChangesNothing, "another model \(what)")
        let outcome = fold.fold(to: state.inputs.map(\.next), without: state.skips)
        try expect(model == outcome?.digest, .damageChangesNothing, "a model that never was \(what)")
    }

    // MARK: - The end

    func end() throws(Violation) {
        trace.step(0, 100, "the end")
        heal()
        try check()
        let hand = start(Peril.Odds(), as: generator.happens(30) ? .follower : .owner, batch: 40)
        // One who stood by takes over; one who owns the lane goes on with it.
        if generator.happens(50) || hand.part == .follower {
            hand.rebalance(to: .owner)
            for _ in 0..<2 { try go(hand) }
        }
        try keepFlowing(hand)
        try finish(hand)
    }

    /// Everybody dies, and the broker does what it should.
    private func heal() {
        for hand in hands { hand.die() }
        thread.settle()
        topic.heal()
        reader.peril.spare()
        reader.peril.turnstile.open()
        thread.settle()
    }

    /// 9: events flow, and a new version appears within two intervals.
    ///
    /// Events flow when a window of them comes in less than an interval: what evidence runs against is not learnt before a window is full
    /// behind it. Under suspicion that may be sixteen windows.
    private func keepFlowing(_ hand: Hand) throws(Violation) {
        var newest = memory.newest?.rank
        var since = clock.now
        for _ in 0..<16 {
            input.write { $0.append(12) }
            fold.look(at: input.contents)
            clock.advance(by: 1)
            try goOn(hand)
            let look = look(at: hand)
            if look?.waitsForOrders == true { board.order(.resume, mode: .skip) }
            let mayWait = look?.digest != nil || look?.isSuspect == true
            if mayWait || memory.newest?.rank != newest { (newest, since) = (memory.newest?.rank, clock.now) }
            let interval = configuration.interval.inSeconds
            let isInTime = clock.now - since <= 2 * interval
            try expect(isInTime, .aVersionWithinTwoIntervals, "none since \(String(describing: newest))")
        }
    }

    private func goOn(_ hand: Hand) throws(Violation) {
        try go(hand)
        if let served = reader.poll(thread) { try check(served: served) }
        try check()
        try expect(hand.end == nil, .aVersionWithinTwoIntervals, "the trainer left: \(String(describing: hand.end))")
    }

    /// 3: the bits are those of a run that was never disturbed, and they are served.
    private func finish(_ hand: Hand) throws(Violation) {
        let ends = input.contents.available.map(\.end)
        var isDone = false
        for _ in 0..<60 where !isDone {
            clock.advance(by: 5)
            try goOn(hand)
            if look(at: hand)?.waitsForOrders == true { board.order(.resume, mode: .skip) }
            isDone = memory.newest?.manifest.body.state.inputs.map(\.next) == ends && memory.served == memory.newest?.rank.version
        }
        let last = "the last version is \(String(describing: memory.newest?.rank)), served \(memory.served)"
        try expect(isDone, .aKilledRunEndsInTheSameBits, last)
        guard let body = memory.newest?.manifest.body else { return }
        let skips = body.state.skips
        if isUndisturbed { try expect(skips.isEmpty, .aKilledRunEndsInTheSameBits, "something was skipped: \(skips)") }
        let outcome = fold.fold(to: ends, without: skips)
        try expect(outcome?.digest == body.modelDigest, .aKilledRunEndsInTheSameBits, "other bits than \(String(describing: outcome))")
        try checkQuarantine(outcome?.quarantined ?? 0)
    }

    /// 2: each event that is no example lies in the quarantine topic, once, whatever was rolled back; where the broker does what it promises.
    private func checkQuarantine(_ count: UInt64) throws(Violation) {
        guard isTruthful, damagedKey == nil else { return }
        let places = topic.quarantined.map { [Int64($0.partition), $0.offset] }
        try expect(Set(places).count == places.count, .everyOffsetIsAccountedFor, "put aside twice: \(places)")
        // Of a range set aside, some may have been there before.
        try expect(places.count >= count, .everyOffsetIsAccountedFor, "\(places.count) put aside of \(count)")
    }
}
