import TestSupport
import Testing

/// Invariants 2 and 3, fault by fault: whatever request a trainer dies at, the next one ends in the bits of one never killed, and every
/// event counts once.
@Suite(.needsBroker, .scenario, .serialized) struct KillTests {
    @Test func `a trainer killed at each request of its protocol, and at random ones, ends in the same bits`() async throws {
        let seed = anySeed()
        let kills = Campaign.kills ?? KillPoint.all.count + 2
        try await Bench.run(seconds: 90 + kills * 8) { bench in
            var run = try await KillRun(bench, seed: seed)
            var random = SplitMix64(seed: seed)
            var points = KillPoint.all.shuffled(using: &random)
            while points.count < kills { points.append(.any(&random)) }
            for point in points.prefix(kills) { try await run.kill(at: point) }
            try await run.finish()
        } onFailure: {
            "seed \(seed)"
        }
    }

    @Test func `a trainer killed again and again at any time ends in the same bits`() async throws {
        let seed = anySeed()
        let kills = Campaign.kills ?? 6
        try await Bench.run(seconds: 90 + kills * 8) { bench in
            var run = try await KillRun(bench, seed: seed)
            for _ in 0..<kills { try await run.killAtAnyTime() }
            try await run.finish()
        } onFailure: {
            "seed \(seed)"
        }
    }

    @Test func `a trainer killed in the midst of a rollback leaves it to the next one`() async throws {
        let seed = anySeed()
        try await Bench.run(seconds: 120) { bench in
            var run = try await KillRun(bench, seed: seed)
            // Before it has the version to bring back, before anything of it is written, and when it is committed and the trainer does not know.
            for (side, api) in [(.response, .fetch), (.request, .produce), (.response, .endTxn)] as [(ProxyMessage.Side, KafkaAPI)] {
                try await run.rollBack(killedAt: KillPoint(side: side, api: api, number: 1, isAtStart: false))
            }
            try await run.finish()
        } onFailure: {
            "seed \(seed)"
        }
    }
}
