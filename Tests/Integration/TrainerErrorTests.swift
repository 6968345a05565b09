import Synchronization
import TestSupport
import Testing

/// Brokers answer a trainer with errors for a while. What passes is got over by the same process, without a storm of requests and with every
/// event learnt once; what does not pass ends it with a sentence that names what is wrong.
@Suite(.needsBroker, .scenario, .serialized) struct TrainerErrorTests {
    @Test(arguments: Ailment.all)
    func `errors that pass are got over by the same trainer, and others end it with a sentence`(ailment: Ailment) async throws {
        try await Bench.run(seconds: 150) { bench in
            var run = try await ProxiedRun(bench, "ailing", seed: 41, kafka: ailment.kafka)
            if ailment.moment == .starting {
                try await run.writing()
                try await run.stop()
            }
            for code in ailment.ending { try await run.end(of: ailment, code) }
            try await run.getOver(ailment)
            try await run.finish()
        }
    }
}

/// Errors in the answers to one kind of request.
struct Ailment: Sendable, CustomTestStringConvertible {
    enum Moment: Sendable {
        case running, starting
        /// Before there is a version.
        case startingNew
    }

    var api: KafkaAPI
    /// What follows the model's name in the requests concerned, and in the sentence of an end.
    var place: String
    /// When such requests are made.
    var moment = Moment.running
    /// Error codes of the Kafka protocol that a trainer gets over.
    var passing: [Int16]
    /// Those that end it: rights that are missing, and topics that brokers do not know.
    var ending: [Int16] = []
    /// An error in the answer to a heartbeat that makes the trainer ask.
    var cause: Int16?
    var kafka: [String: String] = [:]

    static let all: [Ailment] = [
        Ailment(api: .fetch, place: ".events", passing: [-1, 1, 3, 6, 7, 56], ending: [29]),
        Ailment(api: .fetch, place: ".checkpoint", passing: [-1, 1, 3, 6, 56], ending: [29]),
        Ailment(api: .listOffsets, place: ".events", moment: .starting, passing: [6, 7], ending: [29]),
        Ailment(api: .listOffsets, place: ".checkpoint", moment: .starting, passing: [5, 6, 7, 56], ending: [3, 29]),
        // 5 is told of each partition: it has no leader now.
        Ailment(api: .metadata, place: ".events", passing: [5], ending: [3, 29], kafka: asksOften),
        Ailment(api: .metadata, place: ".checkpoint", passing: [5], ending: [3, 29], kafka: asksOften),
        Ailment(api: .metadata, place: ".events", moment: .starting, passing: [5]),
        Ailment(api: .metadata, place: ".checkpoint", moment: .starting, passing: [5]),
        Ailment(api: .offsetFetch, place: "", moment: .startingNew, passing: [14, 15, 16], ending: [30]),
        Ailment(api: .findCoordinator, place: ".lanes", passing: [7, 14, 15, 16], ending: [30], cause: 16),
        Ailment(api: .joinGroup, place: ".lanes", passing: [14, 16, 22, 25, 27], ending: [30], cause: 27),
        Ailment(api: .syncGroup, place: ".lanes", passing: [14, 16, 22, 25, 27], cause: 27),
        Ailment(api: .heartbeat, place: ".lanes", passing: [14, 16, 22, 25, 27, 30]),
    ]

    private static let asksOften = ["topic.metadata.refresh.interval.ms": "500"]

    var testDescription: String { "\(api) of \(place.isEmpty ? "the group" : place), \(moment)" }

    /// An offset that is out of range is asked for three times more, and then it is believed.
    func limit(of code: Int16) -> Int { code == 1 ? 2 : .max }

    /// How many answers with an error are waited for: a client pauses for seconds before it joins again.
    func least(of code: Int16) -> Int { min(limit(of: code), api == .joinGroup ? 1 : 2) }
}

extension ProxiedRun {
    /// How long an error lasts at least.
    private static let hold = Duration.seconds(1)

    /// Meets every error that passes: a running trainer with time between them to catch up, one that starts without.
    fileprivate mutating func getOver(_ ailment: Ailment) async throws {
        if ailment.moment == .running { try await writing() }
        let fault = Fault(ailment, of: model.name)
        fault.arm(proxy)
        for code in ailment.passing {
            try await suffer(code, fault, ailment)
            guard ailment.moment == .running else { continue }
            fault.end()
            try await catchUp(after: "error \(code) in answers to \(ailment.api)")
        }
        proxy.disarm()
    }

    private mutating func suffer(_ code: Int16, _ fault: Fault, _ ailment: Ailment) async throws {
        let (asked, began) = (proxy.requests(ailment.api), ContinuousClock.now)
        fault.begin(code)
        let (victim, least) = (try running(), ailment.least(of: code))
        try await pour(until: "\(least) answers with error \(code)") {
            try fault.check()
            try Self.check(victim)
            return fault.count >= least && ContinuousClock.now - began >= Self.hold
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        // The stand-in answers a fetch at once, so of those only the ones that failed tell anything. A slow machine asks less often, not more.
        let requests = ailment.api == .fetch ? fault.count : proxy.requests(ailment.api) - asked
        try #require(Double(requests) <= 30 + 60 * seconds, "\(requests) requests in \(seconds) s of error \(code)")
    }

    fileprivate mutating func end(of ailment: Ailment, _ code: Int16) async throws {
        if ailment.moment == .running { try await writing() }
        let fault = Fault(ailment, of: model.name)
        fault.arm(proxy)
        fault.begin(code)
        let victim = try running()
        try await pour(until: "an end of \(victim.name) at error \(code)") {
            try fault.check()
            return victim.exit != nil
        }
        try #require(victim.exit == .code(1), "\(victim.errorText)")
        let said = victim.errorText.split(separator: "\n").last { $0.hasPrefix("Error: ") || $0.hasPrefix("freshet: ") }
        try #require(said?.contains(fault.concerned) == true, "at error \(code) it says: \(said ?? "nothing")")
        proxy.disarm()
        bury()
    }
}

/// Puts an error code into answers for as long as it lasts.
private final class Fault: Sendable {
    private struct State {
        var code: Int16?
        var count = 0
        var isProvoked = true
        var complaint: String?
    }

    /// What the requests name.
    let concerned: String
    private let ailment: Ailment
    private let group: String
    private let state = Mutex(State())

    init(_ ailment: Ailment, of model: String) {
        concerned = "\(model)\(ailment.place)"
        group = "\(model).lanes"
        self.ailment = ailment
    }

    func arm(_ proxy: KafkaProxy) {
        proxy.arm(ProxyRule(.response, of: ailment.api, mentioning: concerned, times: .max) { self.answer($0) })
        guard let cause = ailment.cause else { return }
        proxy.arm(ProxyRule(.response, of: .heartbeat, mentioning: group, times: .max) { self.provoke($0, cause) })
    }

    func begin(_ code: Int16) {
        state.withLock { state in
            (state.code, state.count) = (code, 0)
            state.isProvoked = false
        }
    }

    func end() { state.withLock { ($0.code, $0.isProvoked) = (nil, true) } }

    /// Answers that have got the code since it began.
    var count: Int { state.withLock { $0.count } }

    func check() throws {
        if let complaint = state.withLock({ $0.complaint }) { throw TestFailure(complaint) }
    }

    private func answer(_ message: ProxyMessage) -> ProxyVerdict {
        let code: Int16? = state.withLock { state in
            guard let code = state.code, state.count < ailment.limit(of: code) else { return nil }
            state.count += 1
            return code
        }
        return code.map { failed(message, with: $0) } ?? .forward
    }

    private func provoke(_ message: ProxyMessage, _ cause: Int16) -> ProxyVerdict {
        let isDue: Bool = state.withLock { state in
            defer { state.isProvoked = true }
            return !state.isProvoked
        }
        return isDue ? failed(message, with: cause) : .forward
    }

    private func failed(_ message: ProxyMessage, with code: Int16) -> ProxyVerdict {
        do {
            return .replace(try message.failed(with: code, topic: concerned))
        } catch {
            state.withLock { $0.complaint = "\(error)" }
            return .forward
        }
    }
}
