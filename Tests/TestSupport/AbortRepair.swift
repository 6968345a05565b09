import Synchronization

/// Puts right what noida-db 0.2.3 answers to a fetch of `read_committed`.
///
/// It names an aborted transaction in the answer to every later fetch, also to those that begin after the abort's marker, and a client that
/// is told so hides everything that producer writes from then on. A broker must name only those whose marker is still to come. So where
/// each one's marker lies is read from the log, once, and those that lie before the fetch are taken out. Not for a real broker.
final class AbortRepair: Sendable {
    private struct Aborted: Hashable {
        var place: Place
        var producer: Int64
        var first: Int64
    }

    private struct Place: Hashable {
        var topic: String
        var partition: Int32
    }

    private let markers = Mutex<[Aborted: Int64]>([:])

    func repaired(_ bytes: [UInt8], _ request: ProxyMessage, of broker: String) throws -> [UInt8] {
        guard (4...11).contains(request.version) else { throw TestFailure("Fetch of version \(request.version) is not known to the proxy") }
        let starts = Self.starts(of: request)
        var (reader, writer) = (WireReader(bytes[...]), WireWriter())
        // Correlation id, throttle time; from version 7 error and session.
        writer.append(contentsOf: reader.take(request.version >= 7 ? 14 : 8))
        try Self.copyList(&reader, &writer) { reader, writer in
            let topic = reader.string()
            writer.append(topic)
            try Self.copyList(&reader, &writer) { reader, writer in
                let partition = reader.int32()
                writer.append(partition)
                // Error, high watermark, last stable offset; from version 5 the log's start.
                writer.append(contentsOf: reader.take(request.version >= 5 ? 26 : 18))
                let place = Place(topic: topic, partition: partition)
                try copyAborted(&reader, &writer, place, from: starts[place] ?? 0, of: broker)
                if request.version >= 11 { writer.append(reader.int32()) }
                let length = reader.int32()
                writer.append(length)
                writer.append(contentsOf: reader.take(max(0, Int(length))))
            }
        }
        return writer.bytes
    }

    private static func copyList(
        _ reader: inout WireReader, _ writer: inout WireWriter, _ element: (inout WireReader, inout WireWriter) throws -> Void
    ) rethrows {
        let count = reader.int32()
        writer.append(count)
        for _ in 0..<max(0, count) { try element(&reader, &writer) }
    }

    private func copyAborted(
        _ reader: inout WireReader, _ writer: inout WireWriter, _ place: Place, from start: Int64, of broker: String
    ) throws {
        let count = reader.int32()
        guard count > 0 else { return writer.append(count) }
        let all = (0..<count).map { _ in Aborted(place: place, producer: reader.int64(), first: reader.int64()) }
        let due = try all.filter { try $0.first >= start || marker(of: $0, broker) >= start }
        writer.append(Int32(due.count))
        for aborted in due {
            writer.append(aborted.producer)
            writer.append(aborted.first)
        }
    }

    /// Where each partition is read from: version 4 on.
    private static func starts(of request: ProxyMessage) -> [Place: Int64] {
        var reader = WireReader(request.request[...])
        // Header: kind, version, number, client.
        _ = (reader.take(8), reader.string())
        // Replica, wait, least and most bytes, isolation; from version 7 session and epoch.
        _ = reader.take(request.version >= 7 ? 25 : 17)
        let topics = reader.list { reader in
            let topic = reader.string()
            return reader.list { reader in
                let partition = reader.int32()
                if request.version >= 9 { _ = reader.int32() }
                let start = reader.int64()
                _ = reader.take(request.version >= 5 ? 12 : 4)
                return (Place(topic: topic, partition: partition), start)
            }
        }
        return Dictionary(topics.flatMap(\.self)) { $1 }
    }

    // MARK: - Markers

    private func marker(of aborted: Aborted, _ broker: String) throws -> Int64 {
        if let known = markers.withLock({ $0[aborted] }) { return known }
        let wire = try Wire.connected(to: broker)
        var next = aborted.first
        while true {
            let batches = try Self.batches(aborted.place, from: next, wire)
            guard let last = batches.last else { throw TestFailure("the marker of \(aborted) is not in the log") }
            if let marker = batches.first(where: { $0.isAbort && $0.producer == aborted.producer && $0.start > aborted.first }) {
                markers.withLock { $0[aborted] = marker.start }
                return marker.start
            }
            next = last.end
        }
    }

    /// What is in the log at an offset, decided or not.
    private static func batches(_ place: Place, from start: Int64, _ wire: borrowing Wire) throws -> [BatchHeader] {
        var request = WireWriter.request(.fetch, version: 4)
        for number in [-1, 0, 0, 64 << 20] as [Int32] { request.append(number) }
        request.append(Int8(0))
        request.append(Int32(1))
        request.append(place.topic)
        request.append(Int32(1))
        request.append(place.partition)
        request.append(start)
        request.append(Int32(64 << 20))
        var answer = try wire.ask(request)
        // Throttle time; one topic and one partition of it: number, error, watermarks.
        _ = (answer.int32(), answer.int32(), answer.string(), answer.int32(), answer.take(22))
        _ = answer.list { $0.take(16) }
        var records = WireReader(answer.bytes())
        var batches: [BatchHeader] = []
        while let batch = BatchHeader(&records) { batches.append(batch) }
        return batches.filter { $0.end > start }
    }
}

/// The beginning of a record batch of format 2.
private struct BatchHeader {
    let start: Int64
    let end: Int64
    let producer: Int64
    let isAbort: Bool

    init?(_ reader: inout WireReader) {
        guard reader.rest.count > 12 else { return nil }
        start = reader.int64()
        let length = Int(reader.int32())
        guard reader.rest.count >= length else { return nil }
        var batch = WireReader(reader.take(length))
        // Leader's epoch, format, checksum.
        _ = batch.take(9)
        let attributes = batch.int16()
        end = start + Int64(batch.int32()) + 1
        _ = batch.take(16)
        producer = batch.int64()
        // Epoch, sequence, count; the record's length, attributes, time, offset and key's length are one byte each in a control record,
        // whose key is a version and 0 for an abort.
        _ = batch.take(10)
        let isControl = attributes & 0x20 != 0
        while isControl, batch.int8() < 0 {}
        _ = batch.take(1)
        for _ in 0..<3 where isControl { while batch.int8() < 0 {} }
        _ = batch.int16()
        isAbort = isControl && batch.int16() == 0
    }
}
