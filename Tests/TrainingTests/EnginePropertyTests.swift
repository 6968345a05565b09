import Checkpointing
import Learning
import Testing

@testable import Training

/// Random events, commands and restarts, and what must hold whatever they are.
@Suite struct EnginePropertyTests {
    private static let seeds = Seeds.upTo(120)

    /// Whatever happened: the model is that of one who learnt the stream from its start and never saw what the ledger sets aside.
    @Test func theModelIsTheFoldOverWhatWasNotSetAside() throws {
        for seed in Self.seeds {
            var generator = SeededGenerator(seed: seed)
            var policy = EngineRun.policy
            // Some freezes end by themselves.
            if seed.isMultiple(of: 2) { policy.cleanEvents = 50 }
            let run = try EngineRun(SampleFeed(partitions: 1 + generator.below(4), seed: seed), policy: policy)
            for _ in 0..<60 { try act(run, &generator, seed) }
            try end(run, seed)
            #expect(run.digest == digest(of: run.feed, without: run.state.skips), "seed \(seed)")
            run.checkAccounts("seed \(seed)")
        }
    }

    private func act(_ run: EngineRun, _ generator: inout SeededGenerator, _ seed: UInt64) throws {
        let (before, positions, wasFrozen) = (run.digest, run.positions, run.isFrozen)
        switch generator.below(16) {
        case 0...4: write(to: run, &generator)
        case 5...9: try run.step(1 + generator.below(60))
        case 10: try run.commit()
        case 11: try run.restart()
        case 12: try run.wait(Double(generator.below(15)))
        case 13 where generator.happens(30): try run.freeze()
        case 13: break
        case 14 where generator.happens(20): try run.rollBack(to: run.versions[generator.below(run.versions.count)].number)
        case 14: break
        default: if run.isFrozen { try run.resume(generator.happens(50) ? .skip : .replay) }
        }
        run.checkAccounts("seed \(seed)")
        guard wasFrozen, run.isFrozen, run.rolledBackTo.isEmpty else { return }
        #expect(run.digest == before && run.positions == positions, "seed \(seed): frozen")
    }

    private func write(to run: EngineRun, _ generator: inout SeededGenerator) {
        let burst: SampleRecord.Kind? = generator.happens(12) ? [.noPrice, .rejected, .labelled(0), .labelled(1)][generator.below(4)] : nil
        for _ in 0..<generator.below(burst == nil ? 80 : 160) {
            let kind: SampleRecord.Kind = burst ?? (generator.happens(3) ? .rejected : generator.happens(4) ? .marker : .good)
            run.feed.append(kind, to: generator.below(run.feed.partitions.count))
        }
    }

    private func end(_ run: EngineRun, _ seed: UInt64) throws {
        for _ in 0..<40 {
            if run.isFrozen { try run.resume(.skip) }
            try run.drain()
            run.engine.finish()
            if !run.isFrozen, run.positions == run.feed.ends { return }
        }
        Issue.record("seed \(seed): the stream did not come to its end")
    }

    @Test func batchSizesAndRestartsChangeNothing() throws {
        for seed in Self.seeds {
            var generator = SeededGenerator(seed: seed)
            var feed = SampleFeed(partitions: 1 + generator.below(3), seed: seed)
            for _ in 0..<600 {
                let kind: SampleRecord.Kind = generator.happens(2) ? .rejected : generator.happens(3) ? .noPrice : .good
                feed.append(generator.happens(3) ? .marker : kind, to: generator.below(feed.partitions.count))
            }
            let whole = try EngineRun(feed)
            try whole.drain(1_000)
            whole.engine.finish()
            try whole.commit()
            let pieces = try EngineRun(feed)
            while pieces.positions != whole.positions {
                try pieces.step(1 + generator.below(50))
                if generator.happens(20) { try pieces.commit() }
                if generator.happens(15) { try pieces.restart() }
                if zip(pieces.inspected, pieces.feed.ends).allSatisfy({ $0 == $1 }) { pieces.engine.finish() }
            }
            try pieces.commit()
            #expect(!whole.isFrozen, "seed \(seed)")
            #expect(pieces.digest == whole.digest, "seed \(seed)")
            #expect(pieces.state.inspector == whole.state.inspector, "seed \(seed)")
            #expect(pieces.state.counts == whole.state.counts, "seed \(seed)")
            #expect(pieces.state.metrics == whole.state.metrics, "seed \(seed)")
            // Every rejected event is put aside once, and once only.
            #expect(pieces.quarantined.map(\.place) == whole.quarantined.map(\.place), "seed \(seed)")
            #expect(Set(pieces.quarantined.map(\.place)).count == Int(pieces.state.counts.quarantined), "seed \(seed)")
        }
    }
}

extension QuarantinedEvent {
    /// Where the event came from.
    var place: String { "\(partition)@\(offset)" }
}
