import Foundation
import Synchronization
import TestSupport
import Testing

/// A version whose pages do not fit into one transaction goes in several, and is none until the last of them is committed.
@Suite(.needsBroker, .scenario) struct LargeBaseTests {
    /// 32 MiB of slots in 1,024 pages, where a transaction takes 16 MiB.
    private static let sections = ["learner": "{task: binary, bits: 22}", "checkpoint": "{interval: 1s, holdBack: 300ms}"]

    @Test func `a trainer killed within a version of two transactions leaves none, and the next ends in the same bits`() async throws {
        try await Bench.run(seconds: 120) { bench in
            let proxy = try Bench.proxy()
            let kafka = Model.member.merging(["bootstrap.servers": proxy.bootstrapServers]) { $1 }
            let model = try await Model(bench, "large", kafka: kafka, Self.sections)
            let feed = try model.feed()
            var stream = EventStream(seed: 61)
            var events = wide(400, of: &stream)
            try await feed.produce(events)
            for point in TwoPartVersion.Point.allCases {
                let victim = Victim()
                TwoPartVersion(killing: victim, at: point).arm(proxy, model: model.name)
                let trainer = try model.start("train")
                victim.name(trainer)
                let exit = try await trainer.ended(by: bench.deadline)
                try #require(exit == .signal(SIGKILL), "\(trainer.name) was to die at \(point): \(exit)")
                proxy.disarm()
            }

            let follower = model.follow()
            for count in [0, 100] {
                // The second one restores what the first one has written.
                events += wide(count, of: &stream)
                try await feed.produce(Array(events.suffix(count)))
                let trainer = try model.start("train")
                let last = try await follower.learned(events.count)
                let evaluation = try await model.evaluate(events)
                try #require(last.accounted == events.count && last.digest == evaluation.modelDigest, "\(last)")
                try await model.stop(trainer)
            }
            let bytes = try await model.versions().last?.bytes ?? 0
            try #require(bytes > 24 << 20, "a version of \(bytes) bytes goes in one transaction")
            try await LaneHistory(of: model, bench).check()
            await follower.close()
            await feed.close()
        }
    }

    /// Events with so many categories of their own that a few hundred touch every page.
    private func wide(_ count: Int, of stream: inout EventStream) -> [LabelledEvent] {
        var events = stream.next(count)
        for index in events.indices {
            let id = events[index].id
            for field in 0..<40 { events[index].features.append((name: "own\(field)", value: "\"\(id).\(field)\"")) }
        }
        return events
    }
}

/// Kills a trainer at a point of the first version that goes in two transactions, which is told from others by the bytes of its pages.
private final class TwoPartVersion: Sendable {
    enum Point: CaseIterable, Sendable {
        case firstCommitted, amidTheSecond, secondUncommitted
    }

    private enum Part {
        case other, second, over
    }

    private struct State {
        var part = Part.other
        /// In the transaction that is open.
        var bytes = 0
        var requests = 0
    }

    private let victim: Victim
    private let point: Point
    private let state = Mutex(State())
    private static let firstBytes = 15 << 20

    init(killing victim: Victim, at point: Point) {
        self.victim = victim
        self.point = point
    }

    func arm(_ proxy: KafkaProxy, model: String) {
        proxy.arm(ProxyRule(.request, of: .produce, mentioning: "\(model).checkpoint", times: .max) { self.writes($0.bytes.count) })
        proxy.arm(ProxyRule(.request, of: .endTxn, mentioning: "\(model).0", times: .max) { _ in self.commits() })
        proxy.arm(ProxyRule(.response, of: .endTxn, mentioning: "\(model).0", times: .max) { _ in self.committed() })
    }

    private func writes(_ bytes: Int) -> ProxyVerdict {
        let state = state.withLock { state in
            state.bytes += bytes
            state.requests += 1
            return state
        }
        return die(point == .amidTheSecond && state.part == .second && state.requests >= 3)
    }

    private func commits() -> ProxyVerdict {
        let part = state.withLock { state in
            state.part = state.part == .second ? .over : state.bytes >= Self.firstBytes ? .second : .other
            (state.bytes, state.requests) = (0, 0)
            return state.part
        }
        return die(point == .secondUncommitted && part == .over)
    }

    private func committed() -> ProxyVerdict {
        die(point == .firstCommitted && state.withLock { $0.part } == .second)
    }

    /// Nothing of it passes from then on.
    private func die(_ isNow: Bool) -> ProxyVerdict {
        guard isNow else { return .forward }
        victim.kill()
        return .drop
    }
}
