import Foundation
import Synchronization
import TestSupport
import Testing

/// librdkafka 2.0.2 asks where a partition starts and where it ends by two requests at once. When the first one fails and the second does not,
/// it may call the end both, and what is in between looks as if it had never been.
@Suite(.needsBroker, .scenario, .serialized) struct PartitionStartTests {
    @Test func `a log whose start is not told for a moment is not taken for an empty one`() async throws {
        try await Bench.run { bench in
            var run = try await ProxiedRun(bench, "start", seed: 43)
            try await run.writing()
            try await run.stop()
            try await run.goOn(over: HalfAnswered("\(run.model.name).checkpoint"))
        }
    }

    @Test(arguments: [true, false])
    func `an input whose start is not told for a moment is learnt from where it is to be learnt`(isNew: Bool) async throws {
        try await Bench.run { bench in
            var run = try await ProxiedRun(bench, "start", seed: 44)
            if !isNew {
                try await run.writing()
                try await run.stop()
            }
            try await run.goOn(over: HalfAnswered(run.model.input))
        }
    }
}

extension ProxiedRun {
    /// Starts a trainer behind events, lets it meet the half answer, and wants it to learn every event.
    fileprivate mutating func goOn(over half: HalfAnswered) async throws {
        for _ in 0..<3 { try await pour() }
        half.arm(proxy)
        let trainer = try running()
        half.name(trainer)
        var looks = 0
        try await pour(until: "an error of the answer that tells the start") {
            try Self.check(trainer)
            looks += half.isMet ? 1 : 0
            return looks == 3
        }
        half.release()
        try await catchUp(after: "an error of the answer that tells the start")
        try half.check()
        try await finish()
    }
}

/// Puts an error into the first answer that tells where a partition of a topic starts. The trainer stands still meanwhile, so that it finds the
/// answer that tells the end beside it.
private final class HalfAnswered: Sendable {
    private struct State {
        var trainer: ChildProcess?
        var isMet = false
        var complaint: String?
    }

    private let topic: String
    private let state = Mutex(State())
    private static let notLeader: Int16 = 6

    init(_ topic: String) { self.topic = topic }

    func arm(_ proxy: KafkaProxy) {
        proxy.arm(ProxyRule(.response, of: .listOffsets, mentioning: topic, times: .max) { self.verdict(on: $0) })
    }

    func name(_ trainer: ChildProcess) { state.withLock { $0.trainer = trainer } }

    var isMet: Bool { state.withLock { $0.isMet } }

    func release() { state.withLock { $0.trainer }?.signal(SIGCONT) }

    func check() throws {
        if let complaint = state.withLock({ $0.complaint }) { throw TestFailure(complaint) }
    }

    private func verdict(on message: ProxyMessage) -> ProxyVerdict {
        let isFirst: Bool = state.withLock { state in
            guard message.asksForStart, !state.isMet else { return false }
            state.isMet = true
            return true
        }
        guard isFirst else { return .forward }
        state.withLock { $0.trainer }?.signal(SIGSTOP)
        do {
            return .replace(try message.failed(with: Self.notLeader))
        } catch {
            state.withLock { $0.complaint = "\(error)" }
            return .forward
        }
    }
}
