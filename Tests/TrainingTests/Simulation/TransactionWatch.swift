import Synchronization

/// Notices versions that take more than one transaction, by the calls of one trainer to its log: whoever takes a lane or clears a version
/// reads between a commit and the next transaction.
final class TransactionWatch: Sendable {
    private struct State {
        var last: HookedLog.Call?
        /// Some of a version's transactions are committed, and the last is still to be written.
        var isUnfinished = false
    }

    private let state = Mutex(State())

    /// Takes the next call; what it tells.
    func note(_ call: HookedLog.Call) -> Misfortune? {
        state.withLock { state in
            defer { state.last = call }
            switch call {
            case .begin where state.last == .commit:
                state.isUnfinished = true
                return .nextTransaction
            case .begin, .append, .commit: return nil
            case .fence, .setAside, .abandon, .read, .await:
                // The last transaction sets aside what is no example, if anything.
                let isCut = state.isUnfinished && call == .abandon
                state.isUnfinished = false
                return isCut ? .cutVersion : nil
            }
        }
    }
}
