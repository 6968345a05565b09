import Checkpointing

/// A log that lets a test in before every call: to look, to wait, to let somebody else act, or to die.
final class HookedLog: CheckpointLog {
    enum Call: Equatable, Sendable {
        case fence, begin, append, setAside, commit, abandon, read
    }

    typealias Hook = @Sendable (Call) async throws(LogFailure) -> Void

    private let log: MemoryLog
    private let hook: Hook

    init(_ topic: MemoryTopic, hook: @escaping Hook) {
        log = MemoryLog(topic)
        self.hook = hook
    }

    func fence() async throws(LogFailure) {
        try await hook(.fence)
        try await log.fence()
    }

    func begin() async throws(LogFailure) {
        try await hook(.begin)
        try await log.begin()
    }

    func append(_ entries: [LogEntry]) async throws(LogFailure) -> [Int64] {
        try await hook(.append)
        return try await log.append(entries)
    }

    func setAside(_ events: [QuarantinedEvent]) async throws(LogFailure) {
        try await hook(.setAside)
        try await log.setAside(events)
    }

    func commit(_ inputs: [InputPosition]) async throws(LogFailure) {
        try await hook(.commit)
        try await log.commit(inputs)
    }

    /// One who died does not tidy up.
    func abandon() async {
        do throws(LogFailure) { try await hook(.abandon) } catch { return }
        await log.abandon()
    }

    func read(from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void) async throws(LogFailure) -> Int64 {
        try await hook(.read)
        return try await log.read(from: offset, body)
    }

    func follow(
        from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        try await hook(.read)
        return try await log.follow(from: offset, wait: wait, body)
    }

    func bounds() async throws(LogFailure) -> Range<Int64> {
        try await hook(.read)
        return try await log.bounds()
    }

    func close() async { await log.close() }
}
