import TestSupport
import Testing

/// A trainer that waits has in memory what it may have to take over.
@Suite(.needsBroker, .scenario) struct FailoverTests {
    @Test func `a standby that joins takes nothing away, and one after the other takes over`() async throws {
        let (seed, times) = (anySeed(), Campaign.kills ?? 3)
        try await Bench.run(seconds: 60 + times * 20) { bench in
            let model = try await Model(bench, "failover")
            let (feed, follower) = (try model.feed(), model.follow())
            var (stream, campaign, events) = (EventStream(seed: seed), Campaign(seed: seed), [LabelledEvent]())
            func learn(_ count: Int, after epoch: UInt64 = 0) async throws -> WrittenVersion {
                let more = stream.next(count)
                events += more
                try await feed.produce(more)
                let total = events.count
                return try await follower.version("\(total) events in a version") { $0.learnt >= total && $0.epoch > epoch }
            }

            var owner = try model.start("train")
            for _ in 0..<times {
                let before = try await learn(500)
                let standby = try model.start("train")
                try await bench.eventually("a standby that has joined") { standby.errorText.contains("Lanes change hands") }
                let still = try await learn(500)
                try #require(still.epoch == before.epoch, "\(still.epoch) after \(before.epoch)")
                campaign.note("failover to a standby")
                try model.kill(owner, member: 0)
                // What the group's session timeout adds is the broker's: the dead member is taken out of the group here.
                let out = ContinuousClock.now
                _ = try await learn(500, after: still.epoch)
                campaign.note(recoveryFrom: "failover to a standby", after: ContinuousClock.now - out)
                owner = standby
            }
            let last = try await learn(500)
            let evaluation = try await model.evaluate(events)
            try #require(last.accounted == events.count && last.digest == evaluation.modelDigest)
            try await bench.eventually("a status of the last owner, exact") {
                let status = try await model.status()
                return status.owner(of: 0) == owner.pid && status.account.isExact && status.account.learned == events.count
            }
            try await LaneHistory(of: model, bench).check()
            try await model.stop(owner)
            try campaign.report()
            await follower.close()
            await feed.close()
        } onFailure: {
            "seed \(seed)"
        }
    }
}
