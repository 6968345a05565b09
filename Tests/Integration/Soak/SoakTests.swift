import TestSupport
import Testing

/// Steady events at half the rate that this machine can bear, with a fault every minute, for as long as `FRESHET_SOAK` says: `deploy/soak`.
@Suite(.needsBroker, .scenario, .enabled(if: Soak.minutes != nil, "Takes an hour: deploy/soak runs it.")) struct SoakTests {
    @Test func `memory is flat, lag is bounded and every event counts once, whatever happens every minute`() async throws {
        let (seed, minutes) = (anySeed(), Soak.minutes ?? 60)
        try await Bench.run(seconds: minutes * 60 + 1_200) { bench in
            var soak = try await Soak(bench, seed: seed)
            for minute in 1...minutes { try await soak.spend(minute: minute) }
            try await soak.finish()
        } onFailure: {
            "seed \(seed)"
        }
    }
}
