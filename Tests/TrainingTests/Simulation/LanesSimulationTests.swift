import Testing

/// Lanes that become more while everything goes wrong. One seed decides everything: `FRESHET_SEED=n` runs one again and prints what happened.
@Suite struct LanesSimulationTests {
    private static let shards: UInt64 = 2

    private struct Harvest: Sendable {
        var steps = 0
        var failed: [(seed: UInt64, outcome: LanesWorld.Outcome)] = []
        var happened: Set<LanesWorld.Happening> = []
        var misfortunes: [Misfortune: Int] = [:]

        mutating func take(_ outcome: LanesWorld.Outcome, of seed: UInt64) {
            steps += outcome.steps
            happened.formUnion(outcome.happened)
            misfortunes.merge(outcome.misfortunes, uniquingKeysWith: +)
            guard let violation = outcome.violation else { return }
            print("Simulation of lanes: seed \(seed), step \(outcome.steps): \(violation)")
            failed.append((seed, outcome))
        }
    }

    @Test(arguments: 0..<shards) func whoeverHasAPartitionEveryEventIsLearntOnce(shard: UInt64) async {
        let seeds = Seeds.upTo(1_200).filter { $0 % Self.shards == shard }
        let harvest = await OneThread.run(seed: shard) { thread in
            var harvest = Harvest()
            for seed in seeds where harvest.failed.count < 10 {
                harvest.take(LanesWorld.run(seed: seed, on: thread, keepsTrace: Seeds.isReplay), of: seed)
            }
            let counts = Misfortune.allCases.map { "\($0) \(harvest.misfortunes[$0] ?? 0)" }.joined(separator: ", ")
            print("Simulation of lanes: \(seeds.count) seeds, \(harvest.steps) steps: \(counts)")
            return harvest
        }
        for (seed, outcome) in harvest.failed {
            for line in outcome.trace { print(line) }
            Issue.record("\(String(describing: outcome.violation)); run it again with FRESHET_SEED=\(seed)")
        }
        // A check that never meets what it is about proves nothing.
        if !Seeds.isReplay {
            #expect(Set(LanesWorld.Happening.allCases).subtracting(harvest.happened).isEmpty)
            let asked: Set<Misfortune> = [.inputError, .outOfRange, .corruptInput, .skewedClock, .clockSetBack, .manifestInParts]
            #expect(asked.subtracting(harvest.misfortunes.keys).isEmpty)
        }
    }

    @Test(arguments: LanesWorld.Mutation.allCases) func whatIsBrokenOnPurposeIsNoticed(mutation: LanesWorld.Mutation) async {
        let noticed = await OneThread.run(seed: 0) { thread in
            (UInt64(0)..<200).lazy.compactMap { LanesWorld.run(seed: $0, mutation: mutation, on: thread).violation }.first
        }
        #expect(noticed?.invariant == .everyOffsetIsAccountedFor, "\(String(describing: noticed))")
    }
}
