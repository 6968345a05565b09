internal import CRDKafka
internal import Foundation
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
        var trouble = ConnectionTrouble()
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

    /// A call's error, with its cause as far as callbacks have told it.
    func explained(_ error: KafkaError) -> KafkaError {
        inbox.withLock { $0.trouble.explain(error) }
    }

    func brokerAnswered() {
        inbox.withLock { $0.trouble.end() }
    }

    /// From now on revocations are answered at once: nobody is left who could.
    func beginClosing() {
        inbox.withLock { $0.isClosing = true }
    }
}

// MARK: - Callbacks

extension ClientContext {
    /// Registers the callbacks; each is a bridge of a few lines to one method below.
    func install(in configuration: OpaquePointer, role: ClientHandle.Role, checksCertificates: Bool) {
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
        if checksCertificates { unsafe installCertificateCallback(in: configuration) }
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

    /// It upholds what OpenSSL has found, and tells what that is. Called on brokers' threads.
    private func installCertificateCallback(in configuration: OpaquePointer) {
        _ = unsafe rd_kafka_conf_set_ssl_cert_verify_cb(configuration) { _, broker, _, fault, _, _, _, text, size, opaque in
            guard let broker = unsafe broker, let fault = unsafe fault?.pointee, let text = unsafe text else { return 0 }
            guard fault != 0 else { return 1 }
            let sentence = unsafe ClientContext.of(opaque)?.refuse(String(cString: broker), fault) ?? ""
            // Fills the rest with zeros; a broker's name is shorter by half than what there is room for.
            unsafe strncpy(text, sentence, size - 1)
            return 0
        }
    }

    private func refuse(_ broker: String, _ fault: Int32) -> String {
        inbox.withLock { $0.trouble.note(fault: fault, inCertificateOf: broker) }
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
        let error = inbox.withLock { inbox in
            let error = inbox.trouble.note(KafkaError(code: code, reason: reason, operation: "client"))
            // Nobody polls a producer's inbox, and a consumer that is not polled must not grow.
            if inbox.errors.count < 64 { inbox.errors.append(error) }
            return error
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
        if mustAnswer {
            unsafe rd_kafka_assign(client, nil)
            return
        }
        // Ends the poll in progress, so that the owner hears of it now and not when the wait is over. Not by `rd_kafka_yield`: after that the
        // batch call of librdkafka 2.0.2 takes the next message out of the queue and drops it, such as the one that tells of a fencing. And
        // not while closing, which would end there.
        let queue = unsafe rd_kafka_queue_get_consumer(client)
        unsafe rd_kafka_queue_yield(queue)
        unsafe rd_kafka_queue_destroy(queue)
    }
}
