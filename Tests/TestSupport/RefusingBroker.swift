import Foundation

/// A broker that no password satisfies.
///
/// It knows ApiVersions, SaslHandshake and SaslAuthenticate, in the versions that librdkafka 2.0.2 falls back to, and ends the connection at
/// anything else: at a TLS handshake, too, in which it sees a frame that is too long, as Kafka does on a port without TLS.
public final class RefusingBroker: Sendable {
    private let door: Door

    public init() throws {
        let door = try Door()
        self.door = door
        // One client after the other: none has anything to wait for.
        Thread.detachNewThread {
            while let client = door.accept() { Self.serve(client) }
        }
    }

    deinit { door.end() }

    public var port: Int { Int(door.port) }

    /// Kafka's `socket.request.max.bytes`.
    private static let longestRequest = 100 << 20

    private static func serve(_ client: borrowing Wire) {
        while let request = client.receive(atMost: longestRequest), let answer = answer(to: request) {
            guard client.send(answer) else { return }
        }
    }

    private static func answer(to request: [UInt8]) -> [UInt8]? {
        var (reader, writer) = (WireReader(request[...]), WireWriter())
        let (api, version, number) = (reader.int16(), reader.int16(), reader.int32())
        // The client's name.
        _ = reader.string()
        writer.append(number)
        switch api {
        case 18: appendVersions(asked: version, to: &writer)
        case 17: appendMechanisms(to: &writer)
        case 36: appendOutcome(of: String(decoding: reader.bytes(), as: UTF8.self), to: &writer)
        default: return nil
        }
        return writer.bytes
    }

    /// UNSUPPORTED_VERSION for any but the first, with which the client asks again.
    private static func appendVersions(asked: Int16, to writer: inout WireWriter) {
        writer.append(Int16(asked == 0 ? 0 : 35))
        let known: [(api: Int16, newest: Int16)] = [(3, 4), (17, 1), (18, 0), (36, 0)]
        writer.append(Int32(known.count))
        for (api, newest) in known {
            writer.append(api)
            writer.append(Int16(0))
            writer.append(newest)
        }
    }

    private static func appendMechanisms(to writer: inout WireWriter) {
        writer.append(Int16(0))
        writer.append(Int32(2))
        writer.append("PLAIN")
        writer.append("SCRAM-SHA-256")
    }

    /// The first words of SCRAM get their challenge (RFC 5802); its proof and the password of PLAIN are refused in Kafka's own words.
    private static func appendOutcome(of words: String, to writer: inout WireWriter) {
        if words.hasPrefix("n,,"), let nonce = words.split(separator: ",").last {
            let challenge = Array("\(nonce)freshet,s=c2FsdA==,i=4096".utf8)
            writer.append(Int16(0))
            // No message.
            writer.append(Int16(-1))
            writer.append(Int32(challenge.count))
            writer.append(contentsOf: challenge)
        } else {
            // SASL_AUTHENTICATION_FAILED
            writer.append(Int16(58))
            writer.append("Authentication failed during authentication due to invalid credentials")
            writer.append(Int32(0))
        }
    }
}
