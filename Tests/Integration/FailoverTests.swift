import Synchronization
import TestSupport
import Testing

/// A trainer that waits has in memory what it may have to take over.
@Suite(.needsBroker, .scenario) struct FailoverTests {
    /// In the stand-in's group the dead are buried at once. On a real broker what is reported has its session timeout in it.
    private static let fault = "failover to a standby" + (NetworkBroker.isStandIn ? "" : ", session timeout too")

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

            var owner = try WatchedTrainer(of: model)
            for _ in 0..<times {
                let before = try await learn(500)
                let standby = try WatchedTrainer(of: model)
                try await bench.eventually("a standby that has joined") { standby.process.errorText.contains("Lanes change hands") }
                let start = try await bench.eventually("a standby that reads the lane") { standby.startOfReading }
                let still = try await learn(500)
                try #require(still.epoch == before.epoch, "\(still.epoch) after \(before.epoch)")
                campaign.note(Self.fault)
                standby.forgetReading()
                try model.kill(owner.process, member: 0)
                let out = ContinuousClock.now
                _ = try await learn(500, after: still.epoch)
                campaign.note(recoveryFrom: Self.fault, after: ContinuousClock.now - out)
                let oldest = try #require(standby.oldestRead)
                try #require(oldest > start, "the standby read the lane from its start once more")
                owner = standby
            }
            let last = try await learn(500)
            let evaluation = try await model.evaluate(events)
            try #require(last.accounted == events.count && last.digest == evaluation.modelDigest)
            try await bench.eventually("a status of the last owner, exact") {
                let status = try await model.status()
                return status.owner(of: 0) == owner.process.pid && status.account.isExact && status.account.learned == events.count
            }
            try await LaneHistory(of: model, bench).check()
            try await model.stop(owner.process)
            try campaign.report()
            await follower.close()
            await feed.close()
        } onFailure: {
            "seed \(seed)"
        }
    }
}

/// A trainer with a way to the broker of its own, on which it is seen from where it reads its lane.
private final class WatchedTrainer: Sendable {
    let process: ChildProcess
    private let proxy: KafkaProxy
    private let reading: Reading

    init(of model: Model) throws {
        let (proxy, reading, topic) = (try Bench.proxy(), Reading(), "\(model.name).checkpoint")
        proxy.arm(
            ProxyRule(.request, of: .fetch, mentioning: topic, times: .max) { fetch in
                if let start = fetch.start(in: topic) { reading.note(start) }
                return .forward
            })
        let configuration = try model.configuration(replacing: model.bench.servers, with: proxy.bootstrapServers)
        process = try model.bench.start(["train", "--config", configuration])
        (self.proxy, self.reading) = (proxy, reading)
    }

    /// Where it began, once it has come further.
    var startOfReading: Int64? { reading.offsets.flatMap { $0.lowerBound < $0.upperBound ? $0.lowerBound : nil } }

    /// The farthest back since `forgetReading`.
    var oldestRead: Int64? { reading.offsets?.lowerBound }

    func forgetReading() { reading.forget() }
}

/// The least and the greatest offset from which records were asked for.
private final class Reading: Sendable {
    private let range = Mutex<ClosedRange<Int64>?>(nil)

    var offsets: ClosedRange<Int64>? { range.withLock { $0 } }

    func note(_ offset: Int64) {
        range.withLock { range in
            range = range.map { min($0.lowerBound, offset)...max($0.upperBound, offset) } ?? offset...offset
        }
    }

    func forget() { range.withLock { $0 = nil } }
}

extension ProxyMessage {
    /// The offset from which a fetch asks for records of a topic's first partition in it.
    ///
    /// Behind the name stand the number of partitions, the partition, from version 9 on an epoch, and the offset (kafka.apache.org/protocol).
    fileprivate func start(in topic: String) -> Int64? {
        guard let place = place(of: topic) else { return nil }
        let offset = bytes.dropFirst(place + topic.utf8.count + (version >= 9 ? 12 : 8)).prefix(8)
        return offset.reduce(0) { $0 << 8 | Int64($1) }
    }
}
