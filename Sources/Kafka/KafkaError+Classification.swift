internal import CRDKafka

extension KafkaError.Disposition {
    /// Judges a bare code, where librdkafka gives no `rd_kafka_error_t` that would say more.
    init(code: Int32) {
        self =
            if Self.fencedCodes.contains(code) {
                .fenced
            } else if code == KafkaError.Code.fatal {
                .fatal
            } else if Self.retriableCodes.contains(code) {
                .retriable
            } else {
                .other
            }
    }

    private static let fencedCodes: Set<Int32> = [
        KafkaError.Code.producerFenced, KafkaError.Code.invalidProducerEpoch, KafkaError.Code.clientFenced,
        KafkaError.Code.fencedInstance,
    ]

    /// `_SSL` is among them: OpenSSL 3 reports a peer that closed without `close_notify` as a protocol error, and librdkafka before
    /// 2.2.0 passes that on as if the set-up were broken (librdkafka #4294). `_AUTHENTICATION` is, too: librdkafka tries again by itself, and
    /// where a password is being replaced the brokers may know it before we do, or after.
    private static let retriableCodes: Set<Int32> = [
        KafkaError.Code.transport, KafkaError.Code.resolve, KafkaError.Code.allBrokersDown, KafkaError.Code.timedOut,
        KafkaError.Code.tls, KafkaError.Code.authentication, KafkaError.Code.waitingForCoordinator, KafkaError.Code.retry,
        KafkaError.Code.queueFull, KafkaError.Code.messageTimedOut, KafkaError.Code.leaderNotAvailable, KafkaError.Code.notLeader,
        KafkaError.Code.requestTimedOut, KafkaError.Code.coordinatorLoading, KafkaError.Code.coordinatorNotAvailable,
        KafkaError.Code.notCoordinator, KafkaError.Code.notEnoughReplicas, KafkaError.Code.notEnoughReplicasAfterAppend,
        KafkaError.Code.notController, KafkaError.Code.concurrentTransactions,
    ]
}

extension KafkaError {
    /// Whether no client could be made of the properties that were given.
    public var isConfiguration: Bool { operation == "configure" }

    static func name(of code: Int32) -> String {
        guard let name = unsafe rd_kafka_err2name(rd_kafka_resp_err_t(code)) else { return "ERR_\(code)" }
        return unsafe String(cString: name)
    }

    static func sentence(for code: Int32) -> String {
        guard let text = unsafe rd_kafka_err2str(rd_kafka_resp_err_t(code)) else { return "Error \(code)" }
        return unsafe String(cString: text)
    }

    /// Throws if a call answered with a code other than success.
    static func check(_ answer: rd_kafka_resp_err_t, _ operation: String, at topicPartition: TopicPartition? = nil) throws(KafkaError) {
        guard answer != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw KafkaError(code: answer.rawValue, operation: operation, topicPartition: topicPartition)
    }

    /// Throws if a call answered with an error object, which is released here.
    static func check(_ answer: OpaquePointer?, _ operation: String, client: ClientHandle) throws(KafkaError) {
        guard let answer = unsafe answer else { return }
        defer { unsafe rd_kafka_error_destroy(answer) }
        throw unsafe KafkaError(answer, operation, client: client)
    }

    private init(_ error: OpaquePointer, _ operation: String, client: ClientHandle) {
        let code = unsafe rd_kafka_error_code(error).rawValue
        let isFatal = unsafe rd_kafka_error_is_fatal(error) != 0
        // A fatal error hides its cause behind `_FATAL`: the cause tells a fenced producer from a broken one.
        let cause = isFatal ? client.fatalError : nil
        self.init(
            code: cause?.code ?? code,
            reason: unsafe rd_kafka_error_string(error).map { unsafe String(cString: $0) },
            operation: operation)
        if disposition == .fenced { return }
        if isFatal {
            disposition = .fatal
        } else if unsafe rd_kafka_error_txn_requires_abort(error) != 0 {
            disposition = .abortable
        } else if unsafe rd_kafka_error_is_retriable(error) != 0 {
            disposition = .retriable
        }
    }
}
