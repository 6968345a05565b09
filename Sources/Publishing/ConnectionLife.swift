/// What one connection may do and for how long, as a value; `ConnectionGuard` does what it says.
///
/// ```
///  opened ──head──> reading ──end──> answering ──answered──> idle ──head──> reading …
///    │ head          │ body                                   │
///    │ deadline      │ deadline                               │ requests used up
///    v               v                                        v
///  closed          refused (408), closed                    closed
/// ```
/// Between requests the server's idle timeout holds, so this machine sets no deadline there.
struct ConnectionLife: Equatable {
    enum Deadline: Equatable {
        case head, body
    }

    enum Action: Equatable {
        case none
        case arm(Deadline)
        case disarm
        case close
        /// Answer 408, then close.
        case refuse
    }

    private enum State: Equatable {
        case opened, reading, answering, idle, closed
    }

    private let requestLimit: Int
    private var state = State.opened
    private var requests = 0
    private var isAnswerBegun = false

    init(requestLimit: Int) {
        self.requestLimit = requestLimit
    }

    /// The answer being written is the connection's last.
    var isLastRequest: Bool { requests >= requestLimit }

    mutating func opened() -> Action {
        state = .opened
        return .arm(.head)
    }

    mutating func receivedHead() -> Action {
        guard state != .closed else { return .none }
        state = .reading
        requests += 1
        isAnswerBegun = false
        return .arm(.body)
    }

    mutating func receivedEnd() -> Action {
        guard state == .reading else { return .none }
        state = .answering
        return .disarm
    }

    mutating func beganAnswer() {
        isAnswerBegun = true
    }

    mutating func finishedAnswer() -> Action {
        // An answer may end before its request does; then the body's deadline stays armed.
        if state == .answering { state = .idle }
        return isLastRequest ? .close : .none
    }

    mutating func expired(_ deadline: Deadline) -> Action {
        switch (deadline, state) {
        case (.head, .opened),
            (.body, .reading) where isAnswerBegun:
            state = .closed
            return .close
        case (.body, .reading):
            state = .closed
            return .refuse
        default:
            return .none
        }
    }

    mutating func closed() -> Action {
        state = .closed
        return .disarm
    }
}
