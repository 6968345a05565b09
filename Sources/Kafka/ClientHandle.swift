internal import CRDKafka
internal import Dispatch

/// Owns an `rd_kafka_t` with the queue it is served from; both are released here and nowhere else.
///
/// A handle may be shared between threads (librdkafka's own promise); an expendable thread holds a reference of its own, so the client
/// is never destroyed under a call.
@safe final class ClientHandle: @unchecked Sendable {
    enum Role { case consumer, producer, admin }

    let pointer: OpaquePointer
    /// The consumer's queue, or the main queue of another client: records, delivery reports, logs and statistics arrive in it.
    let queue: OpaquePointer
    let context: ClientContext
    private var waker: Waker?

    /// - Parameter server: where the queue is served as soon as something arrives in it; a consumer is served by polling.
    init(_ role: Role, _ properties: consuming ClientProperties, context: ClientContext, server: DispatchQueue? = nil) throws(KafkaError) {
        let checksCertificates = properties.checksCertificates
        let client = unsafe try properties.build { configuration throws(KafkaError) in
            unsafe context.install(in: configuration, role: role, checksCertificates: checksCertificates)
            let type = role == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
            let (client, text) = unsafe ErrorText.capture { buffer, size in unsafe rd_kafka_new(type, configuration, buffer, size) }
            guard let client = unsafe client else { throw ClientProperties.refusal("\(text).") }
            return unsafe client
        }
        unsafe rd_kafka_set_log_queue(client, nil)
        if role == .consumer { unsafe rd_kafka_poll_set_consumer(client) }
        unsafe pointer = client
        unsafe queue = role == .consumer ? rd_kafka_queue_get_consumer(client) : rd_kafka_queue_get_main(client)
        self.context = context
        if let server { waker = unsafe Waker(self, queue: queue, server: server) }
    }

    deinit {
        if waker != nil { unsafe rd_kafka_queue_cb_event_enable(queue, nil, nil) }
        unsafe rd_kafka_queue_destroy(queue)
        // Leaving the group can block for ever; whoever wants to leave it calls `close`, which has a deadline.
        unsafe rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        context.deliveries.failAll(KafkaError(code: KafkaError.Code.destroyed, operation: "produce"))
    }

    /// Runs the callbacks of everything that waits in the main queue.
    func serve(wait: Duration = .zero) {
        _ = unsafe rd_kafka_poll(pointer, wait.wholeMilliseconds)
    }

    /// The error after which librdkafka does no more work for this client, if there was one.
    var fatalError: KafkaError? {
        let (code, text) = unsafe ErrorText.capture { buffer, size in unsafe rd_kafka_fatal_error(pointer, buffer, size) }
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let disposition = KafkaError.Disposition(code: code.rawValue)
        return KafkaError(
            code: code.rawValue, reason: text, operation: "client", disposition: disposition == .fenced ? .fenced : .fatal)
    }
}

/// Serves a main queue when something has arrived.
///
/// librdkafka calls back, under the queue's lock, when the first entry arrives in the empty queue; serving takes all entries at once,
/// so none is forgotten. The handle keeps its waker until the callback is switched off, so the bare pointer never dangles.
private final class Waker: Sendable {
    private weak let handle: ClientHandle?
    private let server: DispatchQueue

    init(_ handle: ClientHandle, queue: OpaquePointer, server: DispatchQueue) {
        self.handle = handle
        self.server = server
        unsafe rd_kafka_queue_cb_event_enable(
            queue,
            { _, opaque in
                guard let opaque = unsafe opaque else { return }
                unsafe Unmanaged<Waker>.fromOpaque(opaque).takeUnretainedValue().wake()
            }, Unmanaged.passUnretained(self).toOpaque())
        wake()
    }

    private func wake() {
        server.async { self.handle?.serve() }
    }
}

/// Carries a client to the thread that ends it, so that its last reference is dropped there and not where the caller waits.
final class ClientParcel: @unchecked Sendable {
    private var client: ClientHandle?

    init?(taking client: inout ClientHandle?) {
        guard client != nil else { return nil }
        self.client = client.take()
    }

    /// Called once.
    func open(_ farewell: (ClientHandle) throws -> Void) rethrows {
        guard let client = client.take() else { return }
        try farewell(client)
    }
}
