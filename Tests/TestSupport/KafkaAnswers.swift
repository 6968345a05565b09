/// Answers of brokers taken apart and altered, in the versions that librdkafka 2.0.2 speaks with brokers of today: Fetch 11, ListOffsets 2,
/// Metadata 4, OffsetFetch 7, FindCoordinator 2, JoinGroup 5, SyncGroup 3 and Heartbeat 3 (kafka.apache.org/protocol).
extension ProxyMessage {
    /// What an answer to a Fetch says of a partition.
    private struct Fetched {
        var topic: String
        /// Where its error stands, before the high watermark, the last stable offset and the log's start.
        var place: Int
        var records: ArraySlice<UInt8>
    }

    private var fetched: [Fetched] {
        var (reader, fetched) = (WireReader(bytes[...]), [Fetched]())
        // Number, throttle time, error, session.
        _ = reader.take(14)
        for _ in 0..<max(0, reader.int32()) {
            let topic = reader.string()
            for _ in 0..<max(0, reader.int32()) {
                _ = reader.int32()
                let place = reader.rest.startIndex
                _ = reader.take(26)
                // Aborted transactions, and the replica that is preferred.
                for _ in 0..<max(0, reader.int32()) { _ = reader.take(16) }
                _ = reader.int32()
                fetched.append(Fetched(topic: topic, place: place, records: reader.bytes()))
            }
        }
        return fetched
    }

    // MARK: - Records

    /// Where the record batches of a topic stand in an answer to a Fetch.
    public func batches(of topic: String) throws -> [Range<Int>] {
        guard api == .fetch, version == 11 else { throw unknown }
        return fetched.filter { $0.topic == topic }.flatMap { Self.batches(in: $0.records) }
    }

    /// A batch begins with its first offset and the length of what follows. The last one may be cut off.
    private static func batches(in records: ArraySlice<UInt8>) -> [Range<Int>] {
        var (reader, batches) = (WireReader(records), [Range<Int>]())
        while reader.rest.count > 12 {
            let start = reader.rest.startIndex
            _ = reader.int64()
            let length = Int(reader.int32())
            guard length > 0, reader.rest.count >= length else { break }
            _ = reader.take(length)
            batches.append(start..<reader.rest.startIndex)
        }
        return batches
    }

    // MARK: - Errors

    /// Whether a ListOffsets request asks where a partition starts, and not where it ends: by a time of -2.
    public var asksForStart: Bool {
        let time: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]
        return request.firstRange(of: time) != nil
    }

    /// The answer with an error code where its kind has one.
    ///
    /// - Parameter topic: the one concerned, in answers that tell of several.
    public func failed(with code: Int16, topic: String = "") throws -> [UInt8] {
        guard side == .response, let api else { throw unknown }
        switch (api, version) {
        case (.fetch, 11): return failedFetch(code, topic)
        case (.listOffsets, 2): return failedOffsets(code)
        case (.metadata, 4): return failedMetadata(code, topic)
        case (.findCoordinator, 2): return failedCoordinator(code)
        // The last that is there, but for the list of tags, which is empty.
        case (.offsetFetch, 7): return put(code, at: bytes.count - 3)
        // Number and throttle time come before it.
        case (.joinGroup, 5), (.syncGroup, 3), (.heartbeat, 3): return put(code, at: 8)
        default: throw unknown
        }
    }

    private var unknown: TestFailure {
        TestFailure("an answer to \(api.map { "\($0)" } ?? "something") of version \(version) is not known to the tests")
    }

    /// The message with a code at a place, and numbers of -1 in so many bytes behind it.
    private func put(_ code: Int16, at place: Int, andNoneIn count: Int = 0) -> [UInt8] {
        var (bytes, writer) = (bytes, WireWriter())
        writer.append(code)
        writer.append(contentsOf: [UInt8](repeating: 0xff, count: count))
        bytes.replaceSubrange(place..<place + 2 + count, with: writer.bytes)
        return bytes
    }

    /// Clients pass over the records of a partition with an error.
    private func failedFetch(_ code: Int16, _ topic: String) -> [UInt8] {
        var message = self
        for partition in fetched where partition.topic == topic {
            message.bytes = message.put(code, at: partition.place, andNoneIn: 24)
        }
        return message.bytes
    }

    private func failedOffsets(_ code: Int16) -> [UInt8] {
        var (message, reader) = (self, WireReader(bytes[...]))
        _ = reader.take(8)
        for _ in 0..<max(0, reader.int32()) {
            _ = reader.string()
            for _ in 0..<max(0, reader.int32()) {
                _ = reader.int32()
                // Time and offset follow.
                message.bytes = message.put(code, at: reader.rest.startIndex, andNoneIn: 16)
                _ = reader.take(18)
            }
        }
        return message.bytes
    }

    private func failedCoordinator(_ code: Int16) -> [UInt8] {
        var writer = WireWriter()
        writer.append(contentsOf: bytes.prefix(8))
        writer.append(code)
        // No message; no node, host and port.
        writer.append(Int16(-1))
        writer.append(Int32(-1))
        writer.append("")
        writer.append(Int32(-1))
        return writer.bytes
    }

    /// What brokers say of a partition that has no leader now; other errors are the topic's, which has no partitions then.
    private static let leaderNotAvailable: Int16 = 5

    private func failedMetadata(_ code: Int16, _ topic: String) -> [UInt8] {
        var (reader, writer) = (WireReader(bytes[...]), WireWriter())
        _ = reader.take(8)
        // Brokers: number, host, port, rack; then the cluster and its controller.
        for _ in 0..<max(0, reader.int32()) { _ = (reader.int32(), reader.string(), reader.int32(), reader.string()) }
        _ = (reader.string(), reader.int32())
        let count = reader.int32()
        writer.append(contentsOf: bytes[..<reader.rest.startIndex])
        for _ in 0..<max(0, count) {
            let start = reader.rest.startIndex
            _ = reader.int16()
            let (name, isInternal) = (reader.string(), reader.int8())
            let partitions = Self.leaderless(&reader)
            guard name == topic else {
                writer.append(contentsOf: bytes[start..<reader.rest.startIndex])
                continue
            }
            let isTheirs = code == Self.leaderNotAvailable
            writer.append(isTheirs ? 0 : code)
            writer.append(name)
            writer.append(isInternal)
            writer.append(contentsOf: isTheirs ? partitions : [0, 0, 0, 0])
        }
        return writer.bytes
    }

    /// Reads a list of partitions, and tells it as one in which none has a leader.
    private static func leaderless(_ reader: inout WireReader) -> [UInt8] {
        var writer = WireWriter()
        let count = reader.int32()
        writer.append(count)
        for _ in 0..<max(0, count) {
            // Error, number, leader; then the replicas, and those in sync.
            _ = reader.int16()
            writer.append(leaderNotAvailable)
            writer.append(reader.int32())
            _ = reader.int32()
            writer.append(Int32(-1))
            for _ in 0..<2 {
                let replicas = reader.int32()
                writer.append(replicas)
                writer.append(contentsOf: reader.take(4 * Int(max(0, replicas))))
            }
        }
        return writer.bytes
    }
}
