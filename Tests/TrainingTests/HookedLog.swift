import Checkpointing
import TestSupport

/// A log that lets a test in before every call: to look, to wait, to let somebody else act, or to die.
final class HookedLog: CheckpointLog {
    enum Call: Equatable, Sendable {
        case fence, begin, append, setAside, commit, abandon, read
        /// A look that waits for news.
        case await
    }

    typealias Hook = @Sendable (Call) async throws(LogFailure) -> Void

    private let log: MemoryLog
    private let hook: Hook

    /// How many records one look at the topic sees at most.
    private let piece: Int

    init(_ topic: MemoryTopic, piece: Int = .max, hook: @escaping Hook) {
        log = MemoryLog(topic)
        self.piece = piece
        self.hook = hook
    }

    func fence() async throws(LogFailure) {
        try await hook(.fence)
        try log.fence()
    }

    func begin() async throws(LogFailure) {
        try await hook(.begin)
        try log.begin()
    }

    func append(_ entries: [LogEntry]) async throws(LogFailure) -> [Int64] {
        try await hook(.append)
        return try log.append(entries)
    }

    func setAside(_ events: [QuarantinedEvent]) async throws(LogFailure) {
        try await hook(.setAside)
        try log.setAside(events)
    }

    func commit(_ inputs: [InputPosition]) async throws(LogFailure) {
        try await hook(.commit)
        try log.commit(inputs)
    }

    /// One who died does not tidy up.
    func abandon() async {
        do throws(LogFailure) { try await hook(.abandon) } catch { return }
        log.abandon()
    }

    func read(from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void) async throws(LogFailure) -> Int64 {
        var next = offset
        while true {
            try await hook(.read)
            let seen = next
            var count = 0
            next = log.read(from: seen, limit: piece) { records in
                count = records.count
                body(records)
            }
            if count < piece { return next }
        }
    }

    func follow(
        from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        // Whoever is let in waits as long as the test wants.
        try await hook(wait > .zero ? .await : .read)
        return try log.read(from: offset, body)
    }

    func hasCommitted(_ inputs: [InputPosition]) async throws(LogFailure) -> Bool {
        try await hook(.read)
        return try log.hasCommitted(inputs)
    }

    func bounds() async throws(LogFailure) -> Range<Int64> {
        try await hook(.read)
        return try log.bounds()
    }

    func close() { log.close() }
}
