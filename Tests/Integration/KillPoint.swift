import Synchronization
import TestSupport

/// A message of the protocol at which a trainer dies: before it reaches the broker, or before the answer reaches the trainer.
struct KillPoint: CustomStringConvertible {
    var side: ProxyMessage.Side
    var api: KafkaAPI
    /// The how-manieth one, counted from the trainer's start or from its first version.
    var number: Int
    /// Whether it is met while the trainer starts.
    var isAtStart: Bool

    var description: String { "\(api) #\(number) \(isAtStart ? "at start, " : "")\(side == .request ? "not sent" : "not answered")" }

    /// Every request of a transaction and of a start, on both sides.
    static var all: [KillPoint] {
        let starting: [(KafkaAPI, Int)] = [
            (.initProducerId, 1), (.addPartitionsToTxn, 1), (.produce, 1), (.endTxn, 1), (.fetch, 1), (.fetch, 3), (.findCoordinator, 1),
        ]
        // Of a version: pages, then manifest, then what clears it.
        let running: [(KafkaAPI, Int)] = [
            (.addPartitionsToTxn, 1), (.produce, 1), (.produce, 2), (.produce, 3), (.addOffsetsToTxn, 1), (.txnOffsetCommit, 1),
            (.endTxn, 1),
            (.endTxn, 2),
        ]
        return [ProxyMessage.Side.request, .response].flatMap { side in
            starting.map { KillPoint(side: side, api: $0.0, number: $0.1, isAtStart: true) }
                + running.map { KillPoint(side: side, api: $0.0, number: $0.1, isAtStart: false) }
        }
    }

    /// One that nobody thought of.
    static func any(_ random: inout SplitMix64) -> KillPoint {
        var point = all[random.below(all.count)]
        // The name is taken once a life, its coordinator looked for no oftener than that.
        let isRare = point.api == .initProducerId || point.api == .findCoordinator
        point.number = isRare ? 1 : 1 + random.below(point.isAtStart ? 3 : 12)
        return point
    }

    /// Only what concerns the lane: its transactional id, its topic or its group.
    func mention(of model: String) -> String {
        switch api {
        case .initProducerId, .findCoordinator: "\(model).0"
        case .produce, .fetch: "\(model).checkpoint"
        default: model
        }
    }
}

/// A trainer that a rule is to kill, which may be met before the process is known.
final class Victim: Sendable {
    private let state = Mutex<(child: ChildProcess?, isDoomed: Bool)>((nil, false))

    func name(_ child: ChildProcess) {
        let isDoomed = state.withLock { state in
            state.child = child
            return state.isDoomed
        }
        if isDoomed { child.kill() }
    }

    func kill() {
        let child = state.withLock { state in
            state.isDoomed = true
            return state.child
        }
        child?.kill()
    }

    /// Lets the message and the process get no further.
    func rule(at point: KillPoint, of model: String) -> ProxyRule {
        // After the first nothing of it may pass, whatever connection it comes on.
        ProxyRule(point.side, of: point.api, mentioning: point.mention(of: model), first: point.number, times: .max) { _ in
            self.kill()
            return .drop
        }
    }
}
