import Checkpointing
import Synchronization
import TestSupport

/// A publisher's eye on the lane.
final class ReaderInTheWorld {
    let peril: Peril
    private let look: @Sendable () async throws -> RestoredVersion?
    /// A look that has not ended yet.
    private var pending: Shared<Result<RestoredVersion?, any Error>?>?

    init(_ topic: MemoryTopic, number: Int, mutation: Mutation?, odds: Peril.Odds, seed: UInt64, trace: Trace) {
        let peril = Peril(number, seed: seed, odds: odds, trace: trace)
        self.peril = peril
        let log = HookedLog(topic) { call throws(LogFailure) in try await peril.pass(call) }
        if mutation == .trustsTheLastOffset {
            let reader = CredulousReader(log: log)
            look = { try await reader.newestCleared() }
        } else {
            let reader = LaneReader(log: log)
            look = { try await reader.newestCleared(wait: .zero) }
        }
    }

    /// Looks once; what it found, or nil when there is no news, the log gave an error, or the look has not ended.
    func poll(_ thread: OneThread) -> RestoredVersion? {
        let result = pending ?? Shared(nil)
        if pending == nil {
            pending = result
            Task { [look] in
                let found: Result<RestoredVersion?, any Error>
                do { found = .success(try await look()) } catch { found = .failure(error) }
                result.state.withLock { $0 = found }
            }
        }
        thread.settle()
        guard let found = result.state.withLock({ $0 }) else { return nil }
        pending = nil
        return try? found.get()
    }
}
