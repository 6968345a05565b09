internal import CRDKafka
internal import Logging
internal import Synchronization

/// Receives librdkafka's callbacks for one client. The client's opaque pointer refers to it; the handle keeps it alive.
///
/// Callbacks come on whichever thread serves the client: its own, or an expendable one that commits or closes.
final class ClientContext: Sendable {
    let deliveries = Deliveries()
    private let logger: Logger
    private let report: (@Sendable (ClientStatistics) -> Void)?
    private let gauges: StatisticsGauges?
    private let inbox = Mutex(Inbox())

    private struct Inbox {
        var rebalances: [Rebalance] = []
        var errors: [KafkaError] = []
        var rebalanceCount: UInt64 = 0
        var isClosing = false
    }

    init(logger: Logger, gauges: StatisticsGauges? = StatisticsGauges(), report: (@Sendable (ClientStatistics) -> Void)? = nil) {
        self.logger = logger
        self.gauges = gauges
        self.report = report
    }

    /// What arrived by callback since the last time.
    func takeEvents() -> [ConsumerEvent] {
        inbox.withLock { inbox in
            defer { (inbox.rebalances, inbox.errors) = ([], []) }
            return inbox.rebalances.map(ConsumerEvent.rebalance) + inbox.errors.map(ConsumerEvent.error)
        }
    }

    /// From now on revocations are answered at once: nobody is left who could.
    func beginClosing() {
        inbox.withLock { $0.isClosing = true }
    }
}

// MARK: - Callbacks

extension ClientContext {
    /// Registers the callbacks; each is a bridge of a few lines to one method below.
    func install(in configuration: OpaquePointer, role: ClientHandle.Role) {
        unsafe rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        unsafe rd_kafka_conf_set_log_cb(configuration) { client, level, facility, text in
            guard let client = unsafe client, let facility = unsafe facility, let text = unsafe text else { return }
            unsafe ClientContext.of(rd_kafka_opaque(client))?.log(level, facility: String(cString: facility), String(cString: text))
        }
        unsafe rd_kafka_conf_set_error_cb(configuration) { _, code, text, opaque in
            unsafe ClientContext.of(opaque)?.fail(code, reason: text.map { unsafe String(cString: $0) })
        }
        unsafe rd_kafka_conf_set_stats_cb(configuration) { _, text, length, opaque in
            unsafe ClientContext.of(opaque)?.count(UnsafeRawBufferPointer(start: text, count: length))
            return 0
        }
        switch role {
        case .admin:
            return
        case .consumer:
            unsafe rd_kafka_conf_set_rebalance_cb(configuration) { client, code, list, opaque in
                guard let client = unsafe client else { return }
                unsafe ClientContext.of(opaque)?.rebalance(client, code, PartitionList.elements(of: list).map(\.partition))
            }
        case .producer:
            unsafe rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
                guard let message = unsafe message else { return }
                unsafe ClientContext.of(opaque)?.deliveries.settle(message.pointee)
            }
        }
    }

    private static func of(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        guard let opaque = unsafe opaque else { return nil }
        return unsafe Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue()
    }

    private func log(_ severity: Int32, facility: String, _ text: String) {
        let level: Logger.Level =
            switch severity {
            case ...2: .critical
            case 3: .error
            case 4: .warning
            case 5: .notice
            case 6: .info
            default: .debug
            }
        logger.log(level: level, "The Kafka client library reports", metadata: ["facility": "\(facility)", "text": "\(text)"])
    }

    private func fail(_ code: Int32, reason: String?) {
        let error = KafkaError(code: code, reason: reason, operation: "client")
        inbox.withLock { inbox in
            // Nobody polls a producer's inbox, and a consumer that is not polled must not grow.
            if inbox.errors.count < 64 { inbox.errors.append(error) }
        }
        logger.debug("The Kafka client met an error", metadata: ["error": "\(error)"])
    }

    private func count(_ json: UnsafeRawBufferPointer) {
        do {
            let statistics = unsafe try ClientStatistics(json: json)
            gauges?.record(statistics)
            report?(statistics)
        } catch {
            logger.warning("The Kafka client's statistics could not be read", metadata: ["error": "\(error)"])
        }
    }

    private func rebalance(_ client: OpaquePointer, _ answer: rd_kafka_resp_err_t, _ partitions: [TopicPartition]) {
        let isLost = unsafe rd_kafka_assignment_lost(client) != 0
        let mustAnswer = inbox.withLock { inbox in
            guard !inbox.isClosing else { return true }
            inbox.rebalanceCount += 1
            let kind: Rebalance.Kind =
                answer == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? .assigned : isLost ? .lost : .revoked
            inbox.rebalances.append(Rebalance(kind: kind, partitions: partitions.sorted(), number: inbox.rebalanceCount))
            return false
        }
        if mustAnswer { unsafe rd_kafka_assign(client, nil) }
        // Ends the poll in progress, so that the owner hears of it now and not when the wait is over.
        unsafe rd_kafka_yield(client)
    }
}
