internal import Dispatch
internal import Foundation
internal import Synchronization

/// The thread of one client.
///
/// librdkafka's calls block: a poll waits for the network, a commit for the coordinator. On Swift's cooperative pool each would hold
/// one of as many threads as there are cores, and two clients could stop every other task of the process. So each client actor runs
/// on a serial dispatch queue of its own, which also gives what the consumer's batch calls need: only one thread ever touches its
/// queue, assignment and positions (librdkafka before 2.1.0 loses or misattributes messages otherwise).
/// `DispatchSerialQueue`, which is an executor by itself, does not exist on Linux.
final class BlockingExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// Runs a blocking call on an expendable thread and waits for it no longer than `deadline`.
///
/// Some calls outlive their own time-out: `rd_kafka_query_watermark_offsets` (librdkafka #4460), `rd_kafka_begin_transaction` after a
/// fatal error (#4420), `rd_kafka_consumer_close` when a partition was lost (#4187). Then the thread is left behind with its own
/// reference to the client, which is released when and if the call returns, and the caller goes on.
func expendable<Value: Sendable>(
    _ operation: String, deadline: Duration, _ call: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let first = FirstAnswer(continuation)
        Thread.detachNewThread { first.give(Result { try call() }) }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(deadline.wholeMilliseconds))) {
            let reason = "The call did not return within its deadline; this client must not be used any more."
            first.give(.failure(KafkaError(code: KafkaError.Code.timedOut, reason: reason, operation: operation, disposition: .fatal)))
        }
    }
}

/// Resumes a continuation with the first of several answers and drops the rest.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, any Error>?>

    init(_ continuation: CheckedContinuation<Value, any Error>) {
        self.continuation = Mutex(continuation)
    }

    func give(_ answer: Result<Value, any Error>) {
        continuation.withLock { $0.take() }?.resume(with: answer)
    }
}

extension Duration {
    /// Milliseconds as librdkafka takes them: never negative (that would mean "for ever"), never beyond a day.
    var wholeMilliseconds: Int32 {
        let parts = components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
        guard parts.seconds < 86_400 else { return 86_400_000 }
        return Int32(parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000)
    }

    /// Room for a call that honours its own time-out, but late.
    var withGrace: Duration { self + .seconds(2) }
}
