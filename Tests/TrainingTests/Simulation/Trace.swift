import Synchronization

/// What happened, as a number that two runs of one seed have in common, and as text for those who look for a reason.
final class Trace: Sendable {
    private struct State {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        var steps = 0
        var lines: [String] = []
        var misfortunes: [Misfortune: Int] = [:]
    }

    private let state = Mutex(State())
    private let isKept: Bool

    init(isKept: Bool) { self.isKept = isKept }

    /// An action, or a call to the log.
    func step(_ who: Int, _ what: Int, _ text: @autoclosure () -> String) {
        state.withLock { state in
            state.steps += 1
            state.digest = (state.digest ^ UInt64(who << 8 + what)) &* 0x100_0000_01b3
            if isKept { state.lines.append(text()) }
        }
    }

    /// What came of it.
    func note(_ value: UInt64) {
        state.withLock { $0.digest = ($0.digest ^ value) &* 0x100_0000_01b3 }
    }

    func count(_ misfortune: Misfortune) {
        state.withLock { $0.misfortunes[misfortune, default: 0] += 1 }
    }

    var misfortunes: [Misfortune: Int] { state.withLock { $0.misfortunes } }
    var steps: Int { state.withLock { $0.steps } }
    var digest: UInt64 { state.withLock { $0.digest } }
    var lines: [String] { state.withLock { $0.lines } }
}
