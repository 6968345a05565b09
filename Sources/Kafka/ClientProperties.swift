internal import CRDKafka
internal import Foundation

/// Properties as librdkafka takes them, checked one by one.
@safe struct ClientProperties: ~Copyable {
    private let pointer: OpaquePointer
    /// Whether brokers have to prove who they are.
    let checksCertificates: Bool

    /// - Parameters:
    ///   - properties: the caller's, which win. What concerns clients of other roles alone is left out, so that one dictionary can serve
    ///     consumers and producers of a program.
    ///   - defaults: this layer's for the role.
    init(_ role: ClientHandle.Role, _ properties: [String: String], defaults: [String: String]) throws(KafkaError) {
        unsafe pointer = rd_kafka_conf_new()
        let foreign = role == .producer ? "C" : "P"
        let relevant = properties.filter { ClientProperties.known[$0.key] != foreign }
        let chosen = ClientProperties.common.merging(defaults) { $1 }.merging(relevant) { $1 }
        checksCertificates = chosen["enable.ssl.certificate.verification"]?.lowercased() != "false"
        for (name, value) in chosen.sorted(by: { $0.key < $1.key }) { try set(name, to: value) }
    }

    deinit {
        unsafe rd_kafka_conf_destroy(pointer)
    }

    /// What every client of this layer starts from where the caller said nothing.
    private static let common = [
        // Nagle's algorithm is on by default before 2.10 and adds up to 40 ms to small requests (librdkafka #4986).
        "socket.nagle.disable": "true",
        // The default of 10 s would be how long a client sits idle after the broker has come back.
        "reconnect.backoff.max.ms": "2000",
        // Logs wait in a queue that the client's own thread serves, so that a slow log never holds up a broker's thread.
        "log.queue": "true",
    ]

    private func set(_ name: String, to value: String) throws(KafkaError) {
        let (result, text) = unsafe ErrorText.capture { buffer, size in unsafe rd_kafka_conf_set(pointer, name, value, buffer, size) }
        switch result {
        case RD_KAFKA_CONF_OK:
            return
        case RD_KAFKA_CONF_UNKNOWN:
            let hint = nearest(to: name).map { " Did you mean “\($0)”?" } ?? ""
            throw ClientProperties.refusal("Unknown property “\(name)”.\(hint)")
        default:
            // librdkafka repeats the value it did not like, and may speak of the property by its other name.
            throw ClientProperties.refusal("Property “\(name)” has a wrong value\(ClientProperties.isSecret(name) ? "" : ": \(text)").")
        }
    }

    static func refusal(_ reason: String) -> KafkaError {
        KafkaError(code: KafkaError.Code.invalidArgument, reason: reason, operation: "configure")
    }

    /// Whether a property's value must never be shown.
    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key.pem", "sasl.jaas", "oauth"].contains { name.contains($0) }
    }

    /// Hands the properties to `make`, which takes them over unless it throws.
    consuming func build(_ make: (OpaquePointer) throws(KafkaError) -> OpaquePointer) throws(KafkaError) -> OpaquePointer {
        do throws(KafkaError) {
            let client = unsafe try make(pointer)
            discard self
            return unsafe client
        } catch {
            _ = consume self
            throw error
        }
    }
}

extension ClientProperties {
    /// Every property with the role it concerns: `C`, `P` or `*`.
    ///
    /// librdkafka tells them only as a printed table: one a line, `name | role | range | …`.
    private static let known: [String: String] = {
        var (text, size): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
        guard let stream = unsafe open_memstream(&text, &size) else { return [:] }
        unsafe rd_kafka_conf_properties_show(stream)
        unsafe fclose(stream)
        defer { unsafe free(text) }
        guard let text = unsafe text else { return [:] }
        let rows = unsafe String(cString: text).split(separator: "\n").map { line in
            line.split(separator: "|", maxSplits: 2).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        return Dictionary(rows.filter { $0.count == 3 }.map { ($0[0], $0[1]) }) { first, _ in first }
    }()

    private func nearest(to name: String) -> String? {
        let candidates = ClientProperties.known.keys.map { (name: $0, distance: editDistance(name, $0)) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }), best.distance <= 3 else { return nil }
        return best.name
    }
}

/// Levenshtein's distance, by rows.
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (i, byte) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in right.indices {
            let substituted = diagonal + (byte == right[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}

/// librdkafka writes its explanations into a buffer of the caller's.
enum ErrorText {
    static func capture<Answer>(_ call: (UnsafeMutablePointer<CChar>, Int) -> Answer) -> (Answer, String) {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            unsafe buffer.initialize(repeating: 0)
            let answer = unsafe call(buffer.baseAddress!, buffer.count)
            return (answer, unsafe String(cString: buffer.baseAddress!))
        }
    }
}
