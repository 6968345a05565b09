import Dispatch
import Foundation
import TestSupport
import Testing

/// Invariant 5: a trainer that lost its lane can commit nothing more.
@Suite(.needsBroker, .scenario, .serialized) struct ZombieTests {
    /// Where the old owner stands still: with a transaction that only lacks its end, in the midst of one, or between two.
    @Test(arguments: [KafkaAPI.endTxn, .produce, .fetch])
    func `a trainer that slept through the loss of its lane and wakes commits nothing`(at api: KafkaAPI) async throws {
        try await Bench.run(seconds: 120, repairing: true) { bench in
            let (model, proxy) = (try await Model(bench, "zombie"), try Bench.proxy())
            let (feed, follower) = (try model.feed(), model.follow())
            var stream = EventStream(seed: 12)
            var events = stream.next(2_000)
            try await feed.produce(events)
            let configuration = try model.configuration(replacing: bench.servers, with: proxy.bootstrapServers)
            let zombie = try bench.start(["train", "--config", configuration])
            let owned = try await follower.learned(2_000)
            let heir = try model.start("train")
            try await bench.eventually("a standby that has joined") { heir.errorText.contains("Lanes change hands") }

            let release = DispatchSemaphore(value: 0)
            proxy.arm(
                ProxyRule(.request, of: api, mentioning: api == .produce ? "\(model.name).checkpoint" : model.name) { _ in
                    zombie.signal(SIGSTOP)
                    release.wait()
                    return .forward
                })
            events += stream.next(2_000)
            try await feed.produce(Array(events[2_000...]))
            try await bench.eventually("a trainer that stands still") { Self.isStopped(zombie) }
            try Undertaker(group: "\(model.name).lanes").bury(member: 0)
            try await follower.version("all events in a version of the heir") { $0.epoch > owned.epoch && $0.learnt >= 4_000 }

            release.signal()
            zombie.signal(SIGCONT)
            events += stream.next(2_000)
            try await feed.produce(Array(events[4_000...]))
            let last = try await follower.learned(6_000)
            try #require(last.accounted == 6_000)
            try #require(last.digest == (try await model.evaluate(events)).modelDigest)
            try await LaneHistory(of: model, bench).check()
            try await model.stop(zombie, heir)
            await follower.close()
            await feed.close()
        }
    }

    /// As the third field of the process's line in /proc tells.
    private static func isStopped(_ process: ChildProcess) -> Bool {
        let line = (try? String(contentsOfFile: "/proc/\(process.pid)/stat", encoding: .utf8)) ?? ""
        return line.split(separator: ")").last?.split(separator: " ").first == "T"
    }
}
