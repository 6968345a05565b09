internal import CRDKafka

extension Consumer {
    /// Waits up to `wait` for something to happen and lends what there is to `body`, on the consumer's own thread.
    ///
    /// Returns as soon as there is a record or an event, with whatever else is there already (at most `maximum`), and at once when the
    /// task is cancelled. `body` is called in any case, perhaps with an empty batch. If it throws, the records count as
    /// delivered: assign again to have them once more.
    public func poll<Answer: Sendable>(
        maximum: Int = 1_000, wait: Duration, _ body: @Sendable (borrowing RecordBatch) throws -> Answer
    ) async throws -> Answer {
        let client = try open("poll")
        return try await withTaskCancellationHandler {
            try body(receive(from: client, maximum: maximum, wait: wait))
        } onCancel: {
            unsafe rd_kafka_queue_yield(client.queue)
        }
    }

    private func receive(from client: ClientHandle, maximum: Int, wait: Duration) -> RecordBatch {
        let messages = unsafe MessageList(from: client.queue, maximum: maximum, wait: wait) { !Task.isCancelled }
        var sorter = BatchSorter(ledger, client: client)
        sorter.sort(messages)
        ledger = sorter.ledger
        let arrived = client.context.takeEvents()
        for case .rebalance(let rebalance) in arrived { pending = rebalance }
        var events = sorter.events + arrived
        if let error = restartIfNeeded() { events.append(.error(error)) }
        // librdkafka tells it once, by a message. Whoever lost that, such as a `body` that throws, would wait for ever.
        if let fatal = client.fatalError, !events.contains(.error(fatal)) { events.append(.error(fatal)) }
        return RecordBatch(messages, entries: sorter.entries, partitions: sorter.partitions, events: events)
    }

    /// Drops librdkafka's queue and fetches again after the last good records.
    private func restartIfNeeded() -> KafkaError? {
        // Assigning now would answer the rebalance in the owner's place; its own answer brings a fresh ledger.
        guard ledger.needsRestart, pending == nil else { return nil }
        do throws(KafkaError) {
            try replaceAssignment(by: ledger.restart(), "recover")
            return nil
        } catch {
            return error
        }
    }
}

/// Tells records from events and checks every offset. Messages of one partition come in runs, so names are looked up once a run.
private struct BatchSorter {
    private(set) var ledger: DeliveryLedger
    private(set) var entries: [RecordBatch.Entry] = []
    private(set) var partitions: [TopicPartition] = []
    private(set) var events: [ConsumerEvent] = []
    private let client: ClientHandle
    private var runs: [Source: Run] = [:]

    /// Pointers are stable for as long as the batch holds its messages.
    private struct Source: Hashable {
        let topic: UInt
        let partition: Int32
    }

    private struct Run {
        let slot: Int
        let end: Int64?
        var place: Int?
    }

    init(_ ledger: DeliveryLedger, client: ClientHandle) {
        self.ledger = ledger
        self.client = client
    }

    mutating func sort(_ messages: borrowing MessageList) {
        entries.reserveCapacity(messages.count)
        var current: (source: Source, run: Run)?
        for index in 0..<messages.count {
            let message = unsafe messages[index]
            guard unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
                unsafe note(message)
                continue
            }
            let source = unsafe Source(topic: UInt(bitPattern: message.pointee.rkt), partition: message.pointee.partition)
            if current?.source != source {
                if let current { runs[current.source] = current.run }
                current = unsafe run(of: source, message).map { (source, $0) }
            }
            // A record of a partition that is not assigned: left over from an earlier assignment.
            guard var (_, run) = current else { continue }
            unsafe take(message, &run)
            current = (source, run)
        }
    }

    private mutating func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ run: inout Run) {
        switch unsafe ledger.take(message.pointee.offset, below: run.end, slot: run.slot) {
        case .deliver:
            let place = run.place ?? partitions.count
            if run.place == nil {
                run.place = place
                partitions.append(ledger.lanes[run.slot].partition)
            }
            unsafe entries.append(RecordBatch.Entry(message: message, partition: place))
        case .drop:
            return
        case .giveUp:
            events.append(corrupt(run.slot))
        }
    }

    private func run(of source: Source, _ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Run? {
        if let known = runs[source] { return known }
        guard let partition = unsafe BatchSorter.partition(of: message), let slot = ledger.slot(of: partition) else { return nil }
        // What the broker said with the fetch that brought these records; negative while unknown.
        var (low, high): (Int64, Int64) = (-1, -1)
        let answer = unsafe rd_kafka_get_watermark_offsets(client.pointer, partition.topic, partition.partition, &low, &high)
        let isKnown = answer == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0
        return Run(slot: slot, end: isKnown ? high : nil, place: nil)
    }

    private mutating func note(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        let code = unsafe message.pointee.err.rawValue
        let offset = unsafe message.pointee.offset
        guard let partition = unsafe BatchSorter.partition(of: message), let slot = ledger.slot(of: partition) else {
            if code != KafkaError.Code.partitionEnd { unsafe events.append(.error(error(message, nil))) }
            return
        }
        switch code {
        case KafkaError.Code.partitionEnd:
            if ledger.lanes[slot].state == .reading { events.append(.endOfPartition(partition, offset: offset)) }
        case KafkaError.Code.badMessage, KafkaError.Code.badCompression, KafkaError.Code.notImplemented:
            if ledger.strike(slot, isDamage: true) == .giveUp { events.append(corrupt(slot)) }
        case KafkaError.Code.autoOffsetReset, KafkaError.Code.offsetOutOfRange, KafkaError.Code.noOffset:
            guard ledger.strike(slot, isDamage: false) == .giveUp else { return }
            let lane = ledger.lanes[slot]
            events.append(lane.isDamaged ? corrupt(slot) : .outOfRange(partition, offset: lane.resume))
        default:
            unsafe events.append(.error(error(message, partition)))
        }
    }

    private func corrupt(_ slot: Int) -> ConsumerEvent {
        .corrupt(ledger.lanes[slot].partition, lastGoodOffset: ledger.lanes[slot].last)
    }

    private func error(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ partition: TopicPartition?) -> KafkaError {
        let code = unsafe message.pointee.err.rawValue
        // A fatal error hides its cause behind `_FATAL`: the cause tells a fenced member from a broken client.
        let cause = code == KafkaError.Code.fatal ? client.fatalError : nil
        return KafkaError(
            code: cause?.code ?? code,
            reason: unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) },
            operation: "poll", disposition: cause?.disposition, topicPartition: partition)
    }

    private static func partition(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> TopicPartition? {
        guard let topic = unsafe message.pointee.rkt, let name = unsafe rd_kafka_topic_name(topic) else { return nil }
        return unsafe TopicPartition(topic: String(cString: name), partition: message.pointee.partition)
    }
}
