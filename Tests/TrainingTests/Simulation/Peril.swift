import Checkpointing
import Synchronization

/// What befalls one process at its calls to the log: errors, pauses, death; and at its calls to the input.
final class Peril: Sendable {
    /// In a thousand calls.
    struct Odds: Sendable {
        var errors: UInt64 = 0
        var pauses: UInt64 = 0
        var deaths: UInt64 = 0

        static func any(_ generator: inout SeededGenerator) -> Odds {
            switch generator.below(4) {
            case 0: Odds()
            case 1: Odds(errors: 20, pauses: 30, deaths: 5)
            case 2: Odds(errors: 5, pauses: 100, deaths: 5)
            default: Odds(errors: 3, pauses: 10, deaths: 10)
            }
        }
    }

    private struct State {
        var generator: SeededGenerator
        var odds: Odds
        var callsLeft: Int?
    }

    private let state: Mutex<State>
    let number: Int
    let trace: Trace
    /// Where a paused process stands.
    let turnstile = Turnstile()

    init(_ number: Int, seed: UInt64, odds: Odds, trace: Trace) {
        self.number = number
        self.trace = trace
        state = Mutex(State(generator: SeededGenerator(seed: seed), odds: odds))
    }

    var isDead: Bool { state.withLock { $0.callsLeft == 0 } }

    func die(after calls: Int = 0) {
        state.withLock { $0.callsLeft = min($0.callsLeft ?? calls, calls) }
        if calls == 0 { turnstile.open() }
    }

    func spare() { state.withLock { $0.odds = Odds() } }

    private enum Fate {
        case goesOn, pauses, dies, fails(LogFailure.Kind)

        var misfortune: Misfortune? {
            switch self {
            case .goesOn: nil
            case .pauses: .pause
            case .dies: .death
            case .fails(.fenced): .fencing
            case .fails: .error
            }
        }
    }

    func pass(_ call: HookedLog.Call) async throws(LogFailure) {
        trace.step(number, call.number, "\(number): \(call)")
        let fate = fate(at: call)
        if let misfortune = fate.misfortune { trace.count(misfortune) }
        switch fate {
        case .goesOn: return
        case .pauses:
            await turnstile.wait()
            if isDead { throw LogFailure(.indefinite, "died") }
        case .dies: throw LogFailure(.indefinite, "died")
        case .fails(let kind): throw LogFailure(kind, "an error that was arranged")
        }
    }

    private func fate(at call: HookedLog.Call) -> Fate {
        state.withLock { state in
            if let left = state.callsLeft {
                state.callsLeft = max(0, left - 1)
                if left == 0 { return .dies }
            }
            let roll = state.generator.next() % 1_000
            let odds = state.odds
            if roll < odds.deaths {
                state.callsLeft = 0
                return .dies
            }
            if roll < odds.deaths + odds.pauses { return .pauses }
            // Giving up cannot fail.
            guard roll < odds.deaths + odds.pauses + odds.errors, call != .abandon else { return .goesOn }
            return .fails(state.generator.happens(15) ? .fenced : .indefinite)
        }
    }
}

/// At the input there are errors only: a version may be on its way meanwhile, and a process is paused at one place.
extension Peril {
    /// A trainer may end with it: somebody has to see to the broker's records.
    static let corruption = LogFailure(.permanent, "a batch of the input that fails its checksum, as was arranged")

    /// - Parameter kinds: what may go wrong at the call.
    func passInput(_ kinds: [Misfortune] = [.inputError]) throws(LogFailure) {
        trace.step(number, 9, "\(number): input")
        guard let misfortune = misfortune(of: kinds) else { return }
        trace.count(misfortune)
        throw misfortune == .corruptInput ? Self.corruption : LogFailure(.indefinite, "\(misfortune), as was arranged")
    }

    private func misfortune(of kinds: [Misfortune]) -> Misfortune? {
        state.withLock { state in
            guard state.generator.next() % 1_000 < state.odds.errors else { return nil }
            return kinds[state.generator.below(kinds.count)]
        }
    }
}

extension HookedLog.Call {
    var number: Int {
        switch self {
        case .fence: 1
        case .begin: 2
        case .append: 3
        case .setAside: 4
        case .commit: 5
        case .abandon: 6
        case .read: 7
        case .await: 8
        }
    }
}
