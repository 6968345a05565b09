import Training

/// What a trainer tells others.
enum Report: Equatable, Sendable {
    /// A lane's last word, as JSON; nil takes it back.
    case status(lane: UInt16, [UInt8]?)
    case answer(ControlAnswer)
    /// An audit record, as JSON.
    case audit([UInt8])

    /// As the log names it.
    var kind: String {
        switch self {
        case .status: "status"
        case .answer: "answer"
        case .audit: "audit"
        }
    }

    /// Whether it may go when there is no room. An answer may not: the trainer gives it once, and someone waits for it.
    fileprivate var isExpendable: Bool { if case .audit = self { true } else { false } }

    /// Whether only the newer one says anything: both go under one key of a compacted topic.
    fileprivate func isOutdated(by newer: Report) -> Bool {
        switch (self, newer) {
        case (.status(let lane, _), .status(let other, _)): lane == other
        // A lane that was taken again may answer again, and otherwise.
        case (.answer(let answer), .answer(let other)): answer.command == other.command && answer.lane == other.lane
        default: false
        }
    }
}

/// What is still to be sent to one topic: in which order, and what goes when too much of it waits.
///
/// One report is under way at a time; ``sent()`` or ``failed(isRefused:)`` says what became of it.
struct ReporterOutbox: Equatable {
    private(set) var waiting: [Report] = []
    private(set) var underWay: Report?
    /// Dropped since it was last asked.
    private var dropped = 0
    private let limit: Int

    /// - Parameter limit: past so many waiting reports the oldest audit record goes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Those not delivered yet.
    var count: Int { waiting.count + (underWay == nil ? 0 : 1) }

    mutating func put(_ report: Report) {
        // In the place of the one before: a lane that says something new every second would else never get its turn.
        if let index = waiting.firstIndex(where: { $0.isOutdated(by: report) }) {
            waiting[index] = report
        } else {
            waiting.append(report)
            shed()
        }
    }

    /// What to send next; nil if there is nothing.
    mutating func take() -> Report? {
        precondition(underWay == nil, "what became of the report before?")
        guard !waiting.isEmpty else { return nil }
        underWay = waiting.removeFirst()
        return underWay
    }

    mutating func sent() {
        underWay = nil
    }

    /// - Parameter isRefused: the broker will never take it, however often it is sent.
    mutating func failed(isRefused: Bool) {
        guard let report = underWay.take() else { return }
        if report.isExpendable {
            comeBack(first: report, isRefused: isRefused)
        } else if !waiting.contains(where: { report.isOutdated(by: $0) }) {
            // Behind the others: one that fails for a reason of its own holds up nobody.
            waiting.append(report)
        }
    }

    /// Audit records tell a story: they stay in order. One that nobody will ever take would hold up those after it.
    private mutating func comeBack(first report: Report, isRefused: Bool) {
        guard !isRefused else { return dropped += 1 }
        waiting.insert(report, at: 0)
        shed()
    }

    private mutating func shed() {
        while waiting.count > limit, let oldest = waiting.firstIndex(where: \.isExpendable) {
            waiting.remove(at: oldest)
            dropped += 1
        }
    }

    /// How many were dropped since the last time.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
