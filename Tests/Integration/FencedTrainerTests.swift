import Dispatch
import Synchronization
import TestSupport
import Testing

/// A group tells a trainer with a `group.instance.id` that it is fenced (KIP-345), at moments that no namesake can choose; see also
/// `NamesakeTests`. librdkafka does no more work for such a member: a trainer that does not hear of it waits for a lane for ever.
@Suite(.needsBroker, .scenario, .serialized) struct FencedTrainerTests {
    @Test(arguments: Fencing.allCases)
    func `a trainer that is fenced at a bad moment joins anew and loses nothing, and the third time it says why it ends`(
        moment: Fencing
    ) async throws {
        try await Bench.run(seconds: 120) { bench in
            var run = try await ProxiedRun(bench, "fenced", seed: 43)
            try await run.writing()
            if moment.isAtStart { try await run.stop() }
            let group = Group(of: run.model.name, run.proxy)
            try await run.joinAnew(after: moment, group)
            try await run.joinAnew(after: moment.isAtStart ? .steady : moment, group)
            try await run.end(after: moment.isAtStart ? .steady : moment, group)
            run.proxy.disarm()
            try await run.finish()
        }
    }
}

/// When a trainer is told that it is fenced.
enum Fencing: CaseIterable, Sendable {
    /// It has its lane and writes.
    case steady
    /// It takes its lane from the log.
    case taking
    /// It is to give back the lane that it is taking.
    case givingBack
    /// It waits for the number of lanes and does not poll, and that its lanes are lost waits to be told first. Heartbeats go on meanwhile,
    /// as they do when a session has timed out.
    case counting
    case joining, syncing

    var isAtStart: Bool { self == .taking || self == .givingBack }

    /// What the trainer's log says when its question for the number of lanes has had its time.
    static let givesUpCounting = "The lanes cannot be counted"

    private static let unknownMember: Int16 = 25
    private static let rebalance: Int16 = 27
    private static let fenced: Int16 = 82

    /// What answers to a member tell, one after the other; others that come in between are true.
    fileprivate var answers: [Answer] {
        let rejoining = Answer(.heartbeat, .error(Self.rebalance))
        let fencing = Answer(.heartbeat, .error(Self.fenced))
        // Between two heartbeats the trainer hears what its group had to tell.
        let taking = [Answer(.syncGroup, .truth), Answer(.fetch, .late), Answer(.heartbeat, .truth)]
        switch self {
        case .steady: return [fencing]
        case .taking: return taking + [fencing]
        case .givingBack: return taking + [rejoining, fencing]
        case .counting:
            let lost = Answer(.heartbeat, .error(Self.unknownMember))
            return [rejoining, Answer(.syncGroup, .truth), Answer(.metadata, .late), lost, fencing]
        case .joining: return [rejoining, Answer(.joinGroup, .error(Self.fenced))]
        case .syncing: return [rejoining, Answer(.syncGroup, .error(Self.fenced))]
        }
    }
}

private struct Answer: Sendable {
    enum Content: Sendable {
        case truth
        case error(Int16)
        /// It comes, with all that come after it on its connection, when the trainer was fenced.
        case late
    }

    var api: KafkaAPI
    var content: Content

    init(_ api: KafkaAPI, _ content: Content) { (self.api, self.content) = (api, content) }
}

extension ProxiedRun {
    fileprivate mutating func joinAnew(after moment: Fencing, _ group: Group) async throws {
        let told = try running().count(of: "joining anew")
        let victim = try await suffer(moment, group)
        try await pour(until: "a trainer that joins anew after a fencing while \(moment)") {
            try Self.check(victim)
            return victim.count(of: "joining anew") > told
        }
        try await catchUp(after: "a fencing while \(moment)")
    }

    fileprivate mutating func end(after moment: Fencing, _ group: Group) async throws {
        let victim = try await suffer(moment, group)
        try await pour(until: "an end of \(victim.name) after a fencing while \(moment)") { victim.exit != nil }
        try #require(victim.exit == .code(1), "\(victim.errorText)")
        try #require(victim.errorText.contains("goes by kafka.group.instance.id 'trainer-0'"), "\(victim.errorText)")
        bury()
    }

    /// Waits until the trainer was told, in the midst of what it does then.
    private mutating func suffer(_ moment: Fencing, _ group: Group) async throws -> ChildProcess {
        group.fence(moment)
        let victim = try running()
        let given = victim.count(of: Fencing.givesUpCounting)
        try await pour(until: "a trainer that is fenced while \(moment)") {
            try group.check()
            if group.hasFenced { return true }
            try Self.check(victim)
            return false
        }
        // It polls no earlier than that.
        if moment == .counting {
            try await pour(until: "a question that nobody answers") { victim.count(of: Fencing.givesUpCounting) > given }
        }
        group.letGo()
        return victim
    }
}

extension ChildProcess {
    /// How many lines of its log say something.
    fileprivate func count(of words: String) -> Int { errorText.split(separator: "\n").count { $0.contains(words) } }
}

/// What a trainer hears from its group, and from the brokers while that fences it.
private final class Group: Sendable {
    private struct State {
        var answers: ArraySlice<Answer> = []
        /// Opened when what is late may come. Whoever passes leaves it open.
        var gate = DispatchSemaphore(value: 0)
        var complaint: String?
    }

    private enum Deed { case forward, fail(Int16), hold(DispatchSemaphore) }

    /// Seconds until what is late comes whatever happens: nobody else would end its thread.
    private static let limit = 60.0

    private let state = Mutex(State())

    /// - Parameter model: its trainers are members.
    init(of model: String, _ proxy: KafkaProxy) {
        for api in [KafkaAPI.heartbeat, .joinGroup, .syncGroup] {
            proxy.arm(ProxyRule(.response, of: api, mentioning: "\(model).lanes", times: .max) { self.answer($0) })
        }
        proxy.arm(ProxyRule(.response, of: .fetch, mentioning: "\(model).checkpoint", times: .max) { self.answer($0) })
        proxy.arm(
            ProxyRule(.response, of: .metadata, mentioning: "\(model).checkpoint", times: .max) {
                // Other clients of the process ask for it, too.
                $0.client.hasSuffix("-freshet") ? self.answer($0) : .forward
            })
    }

    func fence(_ moment: Fencing) {
        state.withLock { ($0.answers, $0.gate) = (moment.answers[...], DispatchSemaphore(value: 0)) }
    }

    var hasFenced: Bool { state.withLock { $0.answers.isEmpty } }

    func letGo() { state.withLock { $0.gate }.signal() }

    func check() throws {
        if let complaint = state.withLock({ $0.complaint }) { throw TestFailure(complaint) }
    }

    private func answer(_ message: ProxyMessage) -> ProxyVerdict {
        switch deed(at: message.api) {
        case .forward: return .forward
        case .fail(let code): return failed(message, with: code)
        case .hold(let gate):
            _ = gate.wait(timeout: .now() + Self.limit)
            gate.signal()
            return .forward
        }
    }

    private func deed(at api: KafkaAPI?) -> Deed {
        state.withLock { state in
            guard let next = state.answers.first, next.api == api else { return .forward }
            state.answers.removeFirst()
            switch next.content {
            case .truth: return .forward
            case .error(let code): return .fail(code)
            case .late: return .hold(state.gate)
            }
        }
    }

    private func failed(_ message: ProxyMessage, with code: Int16) -> ProxyVerdict {
        do {
            return .replace(try message.failed(with: code))
        } catch {
            state.withLock { $0.complaint = "\(error)" }
            return .forward
        }
    }
}
