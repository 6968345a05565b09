/// What one sink has still to be told, oldest first.
///
/// Bounded twice over: an alert that waits is not repeated, and past the limit the oldest is dropped. A receiver that is away for a
/// day gets what is true then, not a day of repetitions.
struct AlertQueue: Equatable {
    private(set) var actions: [AlertAction] = []
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: how many waiting actions were dropped for it.
    mutating func append(_ action: AlertAction) -> Int {
        let identity = action.alert.identity
        if case .resend(let alert) = action, let index = actions.lastIndex(where: { $0.alert.identity == identity }) {
            // The waiting message is to say what is so now, and when it may be considered over.
            actions[index] = actions[index].renewed(with: alert)
            return 0
        }
        actions.append(action)
        let excess = max(0, actions.count - limit)
        actions.removeFirst(excess)
        return excess
    }

    /// Takes off the action that was dealt with, unless it was dropped or renewed in the meantime.
    mutating func remove(_ action: AlertAction) {
        guard let index = actions.firstIndex(where: { $0.isSameChange(as: action) }) else { return }
        actions.remove(at: index)
    }
}

extension AlertAction {
    fileprivate func renewed(with alert: Alert) -> AlertAction {
        switch self {
        case .fire: .fire(alert)
        case .resend, .resolve: .resend(alert)
        }
    }

    fileprivate func isSameChange(as other: AlertAction) -> Bool {
        guard alert.identity == other.alert.identity else { return false }
        switch (self, other) {
        case (.fire, .fire), (.resend, .resend), (.resolve, .resolve): return true
        default: return false
        }
    }
}
