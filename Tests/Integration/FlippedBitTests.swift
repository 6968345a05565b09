import Synchronization
import TestSupport
import Testing

/// A bit flips between the broker and a trainer, in what a checksum covers. (The offset at the head of a batch is not covered, nor is what
/// surrounds the batches: there only TLS helps.)
@Suite(.needsBroker, .scenario, .serialized) struct FlippedBitTests {
    @Test func `a bit that flips in fetched events costs a fetch and no event`() async throws {
        let seed = anySeed()
        try await Bench.run { bench in
            var random = SplitMix64(seed: seed)
            var run = try await ProxiedRun(bench, "flipped", seed: seed)
            try await run.writing()
            for _ in 0..<6 {
                let flip = Flip(in: run.model.input, &random)
                flip.arm(run.proxy)
                try await run.meet(flip)
            }
            try await run.finish()
        } onFailure: {
            "seed \(seed)"
        }
    }

    @Test func `a bit that flips while a trainer restores costs a fetch and no version`() async throws {
        let seed = anySeed()
        try await Bench.run { bench in
            var random = SplitMix64(seed: seed)
            var run = try await ProxiedRun(bench, "flipped", seed: seed)
            try await run.writing()
            for _ in 0..<4 {
                try await run.stop()
                let flip = Flip(in: "\(run.model.name).checkpoint", &random)
                flip.arm(run.proxy)
                try await run.meet(flip)
            }
            try await run.finish()
        } onFailure: {
            "seed \(seed)"
        }
    }
}

extension ProxiedRun {
    /// Goes on until the bit has flipped, and all events are in a version of the same trainer.
    fileprivate mutating func meet(_ flip: Flip) async throws {
        let trainer = try running()
        try await pour(until: "\(flip)") {
            try Self.check(trainer)
            return try flip.isDone
        }
        try await catchUp(after: "\(flip)")
        proxy.disarm()
    }
}

/// Flips one bit of a batch of a topic, in the so-manieth answer that brings any.
private final class Flip: Sendable, CustomStringConvertible {
    private struct State {
        /// Answers until it flips.
        var left: Int
        var random: SplitMix64
        var complaint: String?
    }

    let description: String
    private let topic: String
    private let state: Mutex<State>
    /// A batch begins with its offset, of eight bytes.
    private static let uncovered = 8

    init(in topic: String, _ random: inout SplitMix64) {
        let number = 1 + random.below(3)
        description = "a bit flipped in fetched batches of \(topic), number \(number)"
        self.topic = topic
        state = Mutex(State(left: number, random: SplitMix64(seed: random.next())))
    }

    func arm(_ proxy: KafkaProxy) {
        proxy.arm(ProxyRule(.response, of: .fetch, mentioning: topic, times: .max) { self.verdict(on: $0) })
    }

    var isDone: Bool {
        get throws {
            let (left, complaint) = state.withLock { ($0.left, $0.complaint) }
            if let complaint { throw TestFailure(complaint) }
            return left == 0
        }
    }

    private func verdict(on message: ProxyMessage) -> ProxyVerdict {
        do {
            let batches = try message.batches(of: topic)
            return batches.isEmpty ? .forward : flip(message, batches)
        } catch {
            state.withLock { $0.complaint = "\(error)" }
            return .forward
        }
    }

    private func flip(_ message: ProxyMessage, _ batches: [Range<Int>]) -> ProxyVerdict {
        state.withLock { state -> ProxyVerdict in
            guard state.left > 0 else { return .forward }
            state.left -= 1
            guard state.left == 0 else { return .forward }
            let batch = batches[state.random.below(batches.count)]
            let place = batch.lowerBound + Self.uncovered + state.random.below(batch.count - Self.uncovered)
            return .replace(message.flipped(bit: UInt8(state.random.below(8)), at: place))
        }
    }
}
