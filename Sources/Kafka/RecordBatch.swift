internal import CRDKafka

/// Records lent by librdkafka for the time of one closure, and what else happened.
///
/// The bytes are librdkafka's own fetch buffers: nothing is copied. When the closure has returned the batch releases them, so a pointer
/// must not leave it; ``Record/detach()`` makes a copy that may.
@safe public struct RecordBatch: ~Copyable {
    /// Everything that is not a record. An event follows the records of its partition that came before it.
    public let events: [ConsumerEvent]
    /// The partitions that records of this batch belong to, in the order of their appearance.
    public let partitions: [TopicPartition]
    private let entries: [Entry]
    private let messages: MessageList

    /// A message that passed the checks, with its partition's place in `partitions`.
    @safe struct Entry {
        let message: UnsafeMutablePointer<rd_kafka_message_t>
        let partition: Int
    }

    init(_ messages: consuming MessageList, entries: [Entry], partitions: [TopicPartition], events: [ConsumerEvent]) {
        self.messages = messages
        self.entries = entries
        self.partitions = partitions
        self.events = events
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    public subscript(index: Int) -> Record {
        _read {
            let entry = entries[index]
            yield unsafe Record(entry.message, partitions[entry.partition], partitionIndex: entry.partition)
        }
    }

    /// Calls `body` with every record, in the order of delivery.
    public func forEach(_ body: (borrowing Record) throws -> Void) rethrows {
        for entry in entries {
            try body(unsafe Record(entry.message, partitions[entry.partition], partitionIndex: entry.partition))
        }
    }
}

/// One record as it lies in librdkafka's buffer; valid while its batch is.
@safe public struct Record: ~Copyable {
    public let topicPartition: TopicPartition
    /// The place of `topicPartition` in the batch's `partitions`: a cheap key for a table per partition.
    public let partitionIndex: Int
    private let message: UnsafeMutablePointer<rd_kafka_message_t>

    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ topicPartition: TopicPartition, partitionIndex: Int) {
        self.topicPartition = topicPartition
        self.partitionIndex = partitionIndex
        unsafe self.message = message
    }

    public var offset: Int64 { unsafe message.pointee.offset }

    /// Milliseconds since 1970, or nil if the broker gave none.
    public var timestamp: Int64? {
        let time = unsafe rd_kafka_message_timestamp(message, nil)
        return time < 0 ? nil : time
    }

    /// Nil if the record has no key; an empty key is a key.
    public var key: UnsafeRawBufferPointer? {
        unsafe Record.bytes(message.pointee.key, message.pointee.key_len)
    }

    /// Nil if the record is a tombstone; an empty value is a value.
    public var value: UnsafeRawBufferPointer? {
        unsafe Record.bytes(message.pointee.payload, message.pointee.len)
    }

    /// Parsed at each call: librdkafka keeps headers as they came.
    public var headers: [(String, [UInt8]?)] {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else { return [] }
        var headers: [(String, [UInt8]?)] = []
        var (name, value, size): (UnsafePointer<CChar>?, UnsafeRawPointer?, Int) = (nil, nil, 0)
        while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR,
            let name = unsafe name
        {
            let bytes = unsafe Record.bytes(UnsafeMutableRawPointer(mutating: value), size)
            unsafe headers.append((String(cString: name), bytes.map { unsafe Array($0) }))
        }
        return headers
    }

    /// A copy that outlives the batch.
    public func detach() -> ConsumedRecord {
        unsafe ConsumedRecord(
            topicPartition: topicPartition, offset: offset, timestamp: timestamp, key: key.map { unsafe Array($0) },
            value: value.map { unsafe Array($0) }, headers: headers)
    }

    private static func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeRawBufferPointer? {
        guard let start = unsafe start else { return nil }
        return unsafe UnsafeRawBufferPointer(start: start, count: count)
    }
}

/// Owns the messages of one call. One that is never destroyed would hang the client's end, so nobody else destroys any.
@safe struct MessageList: ~Copyable {
    private var pointers: [UnsafeMutablePointer<rd_kafka_message_t>?]

    /// Takes what is in the queue, at most `maximum`; if that is nothing, waits for the first message.
    ///
    /// The batch call alone would wait until the batch is full.
    init(from queue: OpaquePointer, maximum: Int, wait: Duration, shouldWait: () -> Bool) {
        unsafe pointers = MessageList.drain(queue, maximum)
        guard unsafe pointers.isEmpty, shouldWait() else { return }
        guard let first = unsafe rd_kafka_consume_queue(queue, wait.wholeMilliseconds) else { return }
        unsafe pointers = [first] + MessageList.drain(queue, maximum - 1)
    }

    deinit {
        unsafe pointers.forEach { unsafe rd_kafka_message_destroy($0) }
    }

    private static func drain(_ queue: OpaquePointer, _ maximum: Int) -> [UnsafeMutablePointer<rd_kafka_message_t>?] {
        guard maximum > 0 else { return unsafe [] }
        return unsafe [UnsafeMutablePointer<rd_kafka_message_t>?](unsafeUninitializedCapacity: maximum) { buffer, count in
            count = unsafe max(0, rd_kafka_consume_batch_queue(queue, 0, buffer.baseAddress, maximum))
        }
    }

    var count: Int { unsafe pointers.count }

    subscript(index: Int) -> UnsafeMutablePointer<rd_kafka_message_t> {
        // Never nil within the count that librdkafka returned.
        unsafe pointers[index]!
    }
}
