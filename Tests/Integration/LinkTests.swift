import TestSupport
import Testing

/// Invariant 9: while the broker is away nothing is lost, and when it is back versions come again, of the same trainer.
@Suite(.needsBroker, .scenario, .serialized) struct LinkTests {
    @Test func `a trainer outlives a broker that is down, mute or slow, and learns every event once`() async throws {
        let seed = anySeed()
        try await Bench.run(seconds: 180, repairing: true) { bench in
            var run = try await KillRun(bench, seed: seed)
            let trainer = try await run.startTrainer()
            try await run.suffer(.down, for: .seconds(3), trainer)
            try await run.suffer(.halfOpen, for: .seconds(3), trainer)
            try await run.suffer(.slow(latency: .milliseconds(150), bytesPerSecond: 256 << 10), for: .seconds(4), trainer)
            try await run.finish(trainer)
        } onFailure: {
            "seed \(seed)"
        }
    }

    @Test func `a trainer outlives requests that are torn, cut off or never answered, and learns every event once`() async throws {
        let seed = anySeed()
        try await Bench.run(seconds: 240, repairing: true) { bench in
            var run = try await KillRun(bench, seed: seed)
            let trainer = try await run.startTrainer()
            for (side, api) in [
                (.request, .produce), (.response, .produce), (.request, .endTxn), (.response, .endTxn), (.response, .txnOffsetCommit),
                (.response, .addPartitionsToTxn), (.response, .addOffsetsToTxn), (.response, .fetch),
            ] as [(ProxyMessage.Side, KafkaAPI)] {
                let point = KillPoint(side: side, api: api, number: 1, isAtStart: false)
                try await run.suffer(side == .request ? .tear : .drop, at: point, trainer)
            }
            // Nobody answers, and the connection stays: only the client's own time-outs help.
            try await run.suffer(.swallow, at: KillPoint(side: .response, api: .endTxn, number: 1, isAtStart: false), trainer)
            try await run.finish(trainer)
        } onFailure: {
            "seed \(seed)"
        }
    }
}
