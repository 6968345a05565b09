internal import CRDKafka
internal import Synchronization

/// The delivery reports that producers' calls wait for.
///
/// Each call of `produce` opens a ticket; ticket and index travel with the message as its opaque pointer, which is never dereferenced:
/// no memory is lent to librdkafka that a lost report would leak.
final class Deliveries: Sendable {
    private struct Ticket {
        var offsets: [Int64]
        var missing: Int
        var failure: KafkaError?
        var waiter: CheckedContinuation<[Int64], any Error>?

        var outcome: Result<[Int64], any Error>? {
            guard missing == 0 else { return nil }
            return failure.map { .failure($0) } ?? .success(offsets)
        }
    }

    private struct State {
        var tickets: [UInt32: Ticket] = [:]
        /// Never 0, so that no tag is a null pointer.
        var latest: UInt32 = 0
    }

    private let state = Mutex(State())

    func open(count: Int) -> UInt32 {
        state.withLock { state in
            repeat { state.latest &+= 1 } while state.latest == 0 || state.tickets[state.latest] != nil
            state.tickets[state.latest] = Ticket(offsets: Array(repeating: -1, count: count), missing: count)
            return state.latest
        }
    }

    static func tag(_ ticket: UInt32, _ index: Int) -> UInt {
        UInt(ticket) << 32 | UInt(UInt32(truncatingIfNeeded: index))
    }

    /// Waits for all reports of a ticket: the offsets in order, or the first failure.
    func outcome(of number: UInt32) async throws -> [Int64] {
        try await withCheckedThrowingContinuation { waiter in
            let outcome: Result<[Int64], any Error>? = state.withLock { state in
                // Gone if the client ended before anybody waited.
                guard let ticket = state.tickets[number] else {
                    return .failure(KafkaError(code: KafkaError.Code.destroyed, operation: "produce"))
                }
                guard let outcome = ticket.outcome else {
                    state.tickets[number]?.waiter = waiter
                    return nil
                }
                state.tickets[number] = nil
                return outcome
            }
            if let outcome { waiter.resume(with: outcome) }
        }
    }

    func settle(_ message: rd_kafka_message_t) {
        let tag = unsafe UInt(bitPattern: message._private)
        let code = unsafe message.err.rawValue
        guard code != KafkaError.Code.none else {
            return unsafe report(UInt32(tag >> 32), index: Int(tag & 0xffff_ffff), .success(message.offset))
        }
        let topic = unsafe message.rkt.flatMap { unsafe rd_kafka_topic_name($0) }.map { unsafe String(cString: $0) }
        let partition = topic.map { unsafe TopicPartition(topic: $0, partition: message.partition) }
        report(
            UInt32(tag >> 32), index: Int(tag & 0xffff_ffff),
            .failure(KafkaError(code: code, operation: "produce", topicPartition: partition)))
    }

    /// Enters the outcome of one message; resumes the waiter after the last one.
    func report(_ number: UInt32, index: Int, _ outcome: Result<Int64, KafkaError>) {
        let finished: (CheckedContinuation<[Int64], any Error>, Result<[Int64], any Error>)? = state.withLock { state in
            guard var ticket = state.tickets.removeValue(forKey: number), ticket.offsets.indices.contains(index) else { return nil }
            ticket.missing -= 1
            switch outcome {
            case .success(let offset): ticket.offsets[index] = offset
            case .failure(let error): ticket.failure = Deliveries.graver(ticket.failure, error)
            }
            guard let outcome = ticket.outcome, let waiter = ticket.waiter else {
                state.tickets[number] = ticket
                return nil
            }
            return (waiter, outcome)
        }
        if let (waiter, outcome) = finished { waiter.resume(with: outcome) }
    }

    func failAll(_ error: KafkaError) {
        let tickets = state.withLock { state in
            defer { state.tickets = [:] }
            return state.tickets.values.compactMap(\.waiter)
        }
        for waiter in tickets { waiter.resume(throwing: error) }
    }

    /// Of the failures of one call the one that says why: a purge only follows from another.
    private static func graver(_ first: KafkaError?, _ second: KafkaError) -> KafkaError {
        guard let first else { return second }
        let purges = [KafkaError.Code.purgedFromQueue, KafkaError.Code.purgedInFlight]
        if second.disposition == .fenced, first.disposition != .fenced { return second }
        return purges.contains(first.code) ? second : first
    }
}
