public import Kafka
public import Logging

/// One partition of a compacted Kafka topic as a lane's log.
public actor KafkaLog: CheckpointLog {
    public struct Configuration: Sendable {
        /// The checkpoint topic and the lane's partition.
        public var partition: TopicPartition
        /// Where quarantined events go; nil for a log that is only read.
        public var quarantineTopic: String?
        /// The group whose offsets show the lag to ordinary tools.
        public var group: String
        /// One per lane of a model: the newest owner of the name shuts the others out.
        public var transactionalID: String
        /// Client properties: bootstrap servers, security and what else the user gave.
        public var properties: [String: String]
        /// Every wait for the broker ends here, well inside the transaction's own 30 s.
        public var patience: Duration

        public init(
            partition: TopicPartition, quarantineTopic: String? = nil, group: String, transactionalID: String,
            properties: [String: String], patience: Duration = .seconds(20)
        ) {
            self.partition = partition
            self.quarantineTopic = quarantineTopic
            self.group = group
            self.transactionalID = transactionalID
            self.properties = properties
            self.patience = patience
        }
    }

    private let configuration: Configuration
    private let logger: Logger
    private var producer: Producer?
    private var consumer: Consumer?
    /// Where the consumer stands; nil when it has to be assigned first.
    private var position: Int64?
    private var damage = Damage()

    private var patience: Duration { configuration.patience }

    public init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    // MARK: - Writing

    public func fence() async throws(LogFailure) {
        await producer?.close(within: .seconds(2))
        producer = nil
        try await attempt("take the transactional id '\(configuration.transactionalID)'") {
            // Records are given up when patience ends, too: the others' calls have their deadline, a delivery has only this.
            let milliseconds = String(Int(patience / .milliseconds(1)))
            let properties = ["message.timeout.ms": milliseconds].merging(configuration.properties) { $1 }
                .merging(["transactional.id": configuration.transactionalID]) { $1 }
            let producer = try Producer(properties, logger: logger)
            try await producer.warmUp(topics: topics, timeout: patience)
            try await producer.initTransactions(timeout: patience)
            self.producer = producer
        }
    }

    private var topics: [String] { [configuration.partition.topic] + (configuration.quarantineTopic.map { [$0] } ?? []) }

    public func begin() async throws(LogFailure) {
        let producer = try open()
        try await attempt("begin a transaction") { try await producer.beginTransaction() }
    }

    public func append(_ entries: [LogEntry]) async throws(LogFailure) -> [Int64] {
        guard !entries.isEmpty else { return [] }
        let producer = try open()
        let records = entries.map {
            OutgoingRecord(
                topic: configuration.partition.topic, partition: configuration.partition.partition, key: $0.key.bytes, value: $0.value)
        }
        return try await attempt("write \(entries.count) checkpoint records") { try await producer.produce(records) }
    }

    public func setAside(_ events: [QuarantinedEvent]) async throws(LogFailure) {
        guard !events.isEmpty, let topic = configuration.quarantineTopic else { return }
        let producer = try open()
        let records = events.map { $0.record(for: topic) }
        _ = try await attempt("write \(events.count) quarantined events") { try await producer.produce(records) }
    }

    public func commit(_ inputs: [InputPosition]) async throws(LogFailure) {
        let producer = try open()
        try await attempt("commit a transaction") {
            if !inputs.isEmpty {
                let offsets = Dictionary(
                    inputs.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0.next) }, uniquingKeysWith: { $1 })
                try await producer.sendOffsets(offsets, group: configuration.group, timeout: patience)
            }
            try await producer.commitTransaction(timeout: patience)
        }
    }

    /// The handle is not used again after a failure, so nothing is lost when the abort does not go through.
    public func abandon() async {
        try? await producer?.abortTransaction(timeout: .seconds(5))
        await producer?.close(within: .seconds(2))
        producer = nil
    }

    private func open() throws(LogFailure) -> Producer {
        guard let producer else { throw LogFailure(.indefinite, "the transactional producer was given up after an error") }
        return producer
    }

    // MARK: - Reading

    public func read(
        from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        position = nil
        try await seek(to: offset)
        var next = offset
        var quietSince = ContinuousClock.now
        while true {
            let result = try await poll(wait: .milliseconds(100), body)
            if let reached = result.next { next = max(next, reached) }
            position = next
            if result.isDamaged { next = try await passOver(next) }
            if result.hasEnded { return next }
            if result.next != nil || result.isDamaged { quietSince = .now }
            guard ContinuousClock.now - quietSince < patience else {
                throw LogFailure(.indefinite, "\(configuration.partition) could not be read on from offset \(next) for \(patience)")
            }
        }
    }

    public func follow(
        from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        if position != offset { try await seek(to: offset) }
        let result = try await poll(wait: wait, body)
        let next = max(offset, result.next ?? offset)
        position = next
        return result.isDamaged ? try await passOver(next) : next
    }

    /// Reads on past a record that is damaged at rest: the versions that need it are invalid, the others are not.
    ///
    /// A link that flips bits for a moment is no such damage, so it is fetched again for a second and a half before it is given up. A batch
    /// fails whole, and how many records it holds is not to be learnt from it: the first offset at which reading goes on again is found by
    /// trying one after the other.
    private func passOver(_ offset: Int64) async throws(LogFailure) -> Int64 {
        if offset != damage.offset {
            if damage.suspect != offset { damage = Damage(offset: damage.offset, suspect: offset) }
            damage.tries += 1
            guard damage.tries > 3 else {
                try? await Task.sleep(for: .milliseconds(500))
                try await seek(to: offset)
                position = offset
                return offset
            }
        }
        damage = Damage(offset: offset + 1)
        logger.error(
            "A record fails its checksum however often it is fetched; it is passed over",
            metadata: ["partition": "\(configuration.partition)", "offset": "\(offset)"])
        try await seek(to: offset + 1)
        position = offset + 1
        return offset + 1
    }

    public func hasCommitted(_ inputs: [InputPosition]) async throws(LogFailure) -> Bool {
        guard !inputs.isEmpty else { return false }
        return try await attempt("ask for the offsets that group '\(configuration.group)' has committed") {
            let consumer = try Consumer(configuration.properties.merging(["group.id": configuration.group]) { $1 }, logger: logger)
            let partitions = inputs.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
            do {
                let committed = try await consumer.committed(partitions, timeout: patience)
                await consumer.close(within: .seconds(5))
                return !committed.isEmpty
            } catch {
                await consumer.close(within: .seconds(5))
                throw error
            }
        }
    }

    public func bounds() async throws(LogFailure) -> Range<Int64> {
        let consumer = try reader()
        return try await attempt("ask for the offsets of \(configuration.partition)") {
            let ends = try await consumer.watermarks(of: configuration.partition, timeout: patience)
            return ends.low..<ends.high
        }
    }

    private func seek(to offset: Int64) async throws(LogFailure) {
        let consumer = try reader()
        try await attempt("read \(configuration.partition) from offset \(offset)") {
            try await consumer.assign([configuration.partition: offset])
        }
    }

    private func reader() throws(LogFailure) -> Consumer {
        if let consumer { return consumer }
        let properties = configuration.properties.merging(["group.id": "\(configuration.group).reader"]) { $1 }
            // A broker parks a fetch at the end for so long before it says that this is the end.
            .merging(["fetch.wait.max.ms": "50"]) { given, _ in given }
        do {
            let consumer = try Consumer(properties, logger: logger)
            self.consumer = consumer
            return consumer
        } catch {
            throw LogFailure(error, while: "make a consumer")
        }
    }

    private struct Damage {
        /// Here a damaged batch that is being passed over may go on.
        var offset: Int64 = -1
        /// Here reading has failed, so many times.
        var suspect: Int64 = -1
        var tries = 0
    }

    private struct Polled: Sendable {
        var next: Int64?
        var hasEnded = false
        /// Nothing can be read at `next`, or where reading began.
        var isDamaged = false
        var failure: LogFailure?
    }

    private func poll(wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void) async throws(LogFailure) -> Polled {
        let consumer = try reader()
        let polled = try await attempt("read \(configuration.partition)") {
            try await consumer.poll(maximum: 1_000, wait: wait) { batch in
                body(batch.logRecords)
                return Self.outcome(of: batch)
            }
        }
        if let failure = polled.failure {
            // What it delivered counts as not read: whoever reads on does so from where they stood.
            position = nil
            throw failure
        }
        return polled
    }

    private static func outcome(of batch: borrowing RecordBatch) -> Polled {
        var polled = Polled(next: batch.lastOffset.map { $0 + 1 })
        for event in batch.events {
            switch event {
            case .endOfPartition(_, let offset):
                polled.next = max(polled.next ?? 0, offset)
                polled.hasEnded = true
            case .corrupt: polled.isDamaged = true
            case .outOfRange(let partition, let offset):
                polled.failure = LogFailure(
                    .indefinite, "offset \(offset) of \(partition) is not in the topic any more: it was truncated, or deleted and made anew"
                )
            case .error(let error) where error.disposition != .retriable: polled.failure = LogFailure(error, while: "read the log")
            case .rebalance, .error: break
            }
        }
        return polled
    }

    public func close() async {
        await producer?.close(within: .seconds(5))
        await consumer?.close(within: .seconds(5))
        producer = nil
        consumer = nil
    }

    private func attempt<Value: Sendable>(
        _ what: String, _ body: () async throws -> Value
    ) async throws(LogFailure) -> Value {
        do {
            return try await body()
        } catch let error as LogFailure {
            throw error
        } catch {
            throw LogFailure(error, while: what)
        }
    }
}

extension LogFailure {
    /// What a failed Kafka call means for the one who holds a lane.
    public init(_ error: any Error, while what: String) {
        guard let error = error as? KafkaError else {
            self.init(.indefinite, "could not \(what): \(error)")
            return
        }
        let kind: Kind =
            switch error.disposition {
            case .fenced: .fenced
            case .retriable: .indefinite
            case .abortable, .fatal: error.isRefusal ? .permanent : .indefinite
            case .other: error.isPermanent ? .permanent : .indefinite
            }
        self.init(kind, "could not \(what): \(error)")
    }
}

extension RecordBatch {
    /// Owned copies of the records.
    fileprivate var logRecords: [LogRecord] {
        var records: [LogRecord] = []
        records.reserveCapacity(count)
        forEach { record in
            let key = unsafe record.key.map { unsafe Array($0) } ?? []
            records.append(LogRecord(offset: record.offset, key: key, value: unsafe record.value.map { unsafe Array($0) }))
        }
        return records
    }

    fileprivate var lastOffset: Int64? {
        var last: Int64?
        forEach { last = $0.offset }
        return last
    }
}

extension QuarantinedEvent {
    /// The original bytes as value; where they came from and why they are here in the headers.
    func record(for topic: String) -> OutgoingRecord {
        let headers = [
            ("freshet-reason", reason), ("freshet-detail", detail), ("freshet-topic", self.topic), ("freshet-partition", String(partition)),
            ("freshet-offset", String(offset)), ("freshet-timestamp", String(timestamp)), ("freshet-length", String(originalLength)),
            ("freshet-digest", digest), ("freshet-null", value == nil ? "true" : "false"),
        ]
        return OutgoingRecord(
            // Its age in the topic counts from now: an old event would be gone with the next look at the retention.
            topic: topic, key: key, value: value ?? [], headers: headers.map { ($0.0, Array($0.1.utf8)) })
    }
}
