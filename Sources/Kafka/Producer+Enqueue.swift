internal import CRDKafka

extension Producer {
    /// Hands one record to librdkafka, which copies it. While its queue is full, serves delivery reports: `message.timeout.ms` makes
    /// room in the end.
    static func enqueue(_ record: OutgoingRecord, tag: UInt, _ client: ClientHandle) throws(KafkaError) {
        let partition = record.partition ?? RD_KAFKA_PARTITION_UA
        while true {
            do throws(KafkaError) {
                let headers = MessageHeaders(record.headers)
                unsafe try send(record, partition, tag, headers.pointer, client)
                return headers.release()
            } catch {
                guard error.code == KafkaError.Code.queueFull else { throw error }
                client.serve(wait: .milliseconds(100))
            }
        }
    }

    private static func send(
        _ record: OutgoingRecord, _ partition: Int32, _ tag: UInt, _ headers: OpaquePointer?, _ client: ClientHandle
    ) throws(KafkaError) {
        let error = unsafe record.topic.withCString { topic in
            unsafe withBytes(of: record.key) { key in
                unsafe withBytes(of: record.value) { value in
                    var parts = unsafe [
                        part(RD_KAFKA_VTYPE_TOPIC) { unsafe $0.cstr = topic },
                        part(RD_KAFKA_VTYPE_PARTITION) { unsafe $0.i32 = partition },
                        part(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.i = RD_KAFKA_MSG_F_COPY },
                        part(RD_KAFKA_VTYPE_KEY) { unsafe ($0.mem.ptr, $0.mem.size) = key },
                        part(RD_KAFKA_VTYPE_VALUE) { unsafe ($0.mem.ptr, $0.mem.size) = value },
                        part(RD_KAFKA_VTYPE_OPAQUE) { unsafe $0.ptr = UnsafeMutableRawPointer(bitPattern: tag) },
                    ]
                    if let time = record.timestamp { unsafe parts.append(part(RD_KAFKA_VTYPE_TIMESTAMP) { unsafe $0.i64 = time }) }
                    if unsafe headers != nil { unsafe parts.append(part(RD_KAFKA_VTYPE_HEADERS) { unsafe $0.headers = headers }) }
                    return unsafe rd_kafka_produceva(client.pointer, parts, parts.count)
                }
            }
        }
        do throws(KafkaError) {
            unsafe try KafkaError.check(error, "produce", client: client)
        } catch {
            var error = error
            error.topicPartition = TopicPartition(topic: record.topic, partition: partition)
            throw error
        }
    }

    private typealias Value = rd_kafka_vu_s.__Unnamed_union_u

    private static func part(_ type: rd_kafka_vtype_t, _ fill: (inout Value) -> Void) -> rd_kafka_vu_t {
        var part = unsafe rd_kafka_vu_t()
        unsafe part.vtype = type
        unsafe fill(&part.u)
        return unsafe part
    }
}

/// Lends bytes as librdkafka wants them: a null pointer means that there is no key or value, so empty ones need an address.
private func withBytes<Answer>(of bytes: [UInt8]?, _ body: ((UnsafeMutableRawPointer?, Int)) -> Answer) -> Answer {
    guard let bytes else { return unsafe body((nil, 0)) }
    guard !bytes.isEmpty else { return unsafe [0].withUnsafeBytes { unsafe body((UnsafeMutableRawPointer(mutating: $0.baseAddress), 0)) } }
    return unsafe bytes.withUnsafeBytes { unsafe body((UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)) }
}

/// Owns a list of headers until librdkafka has taken it with a message.
@safe private struct MessageHeaders: ~Copyable {
    /// Nil if there are none.
    let pointer: OpaquePointer?

    init(_ headers: [(String, [UInt8]?)]) {
        guard !headers.isEmpty else {
            unsafe pointer = nil
            return
        }
        unsafe pointer = rd_kafka_headers_new(headers.count)
        for (name, value) in headers {
            unsafe withBytes(of: value) { _ = unsafe rd_kafka_header_add(pointer, name, -1, $0.0, $0.1) }
        }
    }

    deinit {
        if let pointer = unsafe pointer { unsafe rd_kafka_headers_destroy(pointer) }
    }

    consuming func release() {
        discard self
    }
}
