import Foundation

/// Takes members that died out of their consumer group, as the session timeout does.
///
/// noida-db 0.2.3 has no session timeout: a member that was killed stays, and whoever joins waits for it for good. So the tests say
/// LeaveGroup in its place, in the requests' oldest versions (kafka.apache.org/protocol). A real broker needs nobody for this.
public struct Undertaker: Sendable {
    private let group: String

    public init(group: String) { self.group = group }

    /// Buries the member with this place in the order of seniority, if the broker does not do so itself. Trainers tell their age by the
    /// name of their client.
    public func bury(member place: Int) throws {
        guard NetworkBroker.isStandIn else { return }
        let broker = try BrokerConnection(try NetworkBroker.shared().bootstrapServers)
        let members = try members(broker).sorted { $0.client < $1.client }
        guard members.indices.contains(place) else { throw TestFailure("\(group) has \(members.count) members, none at place \(place)") }
        var request = RequestBytes(key: 13)
        request.append(group)
        request.append(members[place].id)
        var answer = try broker.ask(request)
        let error = answer.int16()
        guard error == 0 else { throw TestFailure("LeaveGroup in place of \(members[place].client) is answered with error \(error)") }
    }

    private func members(_ broker: borrowing BrokerConnection) throws -> [(client: String, id: String)] {
        var request = RequestBytes(key: 15)
        request.append(Int32(1))
        request.append(group)
        var answer = try broker.ask(request)
        // One group: error, id, state, protocol type and protocol, then the members.
        _ = (answer.int32(), answer.int16(), answer.string(), answer.string(), answer.string(), answer.string())
        return (0..<answer.int32()).map { _ in
            let (id, client) = (answer.string(), answer.string())
            _ = (answer.string(), answer.bytes(), answer.bytes())
            return (client, id)
        }
    }
}

/// A request of version 0 as it is sent: size, header, body; integers big-endian.
private struct RequestBytes {
    private var bytes: [UInt8] = []

    init(key: Int16) {
        append(key)
        append(Int16(0))
        append(Int32(1))
        append("undertaker")
    }

    mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(_ text: String) {
        append(Int16(text.utf8.count))
        bytes += text.utf8
    }

    var framed: [UInt8] {
        var frame = RequestBytes.empty
        frame.append(Int32(bytes.count))
        return frame.bytes + bytes
    }

    private static var empty: RequestBytes {
        var request = RequestBytes(key: 0)
        request.bytes = []
        return request
    }
}

/// An answer's body.
private struct AnswerBytes {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func int16() -> Int16 { take(2).reduce(0) { $0 << 8 | Int16($1) } }
    mutating func int32() -> Int32 { take(4).reduce(0) { $0 << 8 | Int32($1) } }
    mutating func string() -> String { String(decoding: take(max(0, Int(int16()))), as: UTF8.self) }
    mutating func bytes() -> ArraySlice<UInt8> { take(max(0, Int(int32()))) }
}

private struct BrokerConnection: ~Copyable {
    private let descriptor: Int32

    /// - Parameter address: of the tests' own broker: host in dotted decimal, and port.
    init(_ address: String) throws {
        let pieces = address.split(separator: ":")
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = unsafe inet_addr(String(pieces[0]))
        place.sin_port = (UInt16(pieces[1]) ?? 0).bigEndian
        let answer = unsafe withUnsafeBytes(of: &place) { bytes in
            unsafe connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t(bytes.count))
        }
        guard answer == 0 else { throw TestFailure("no connection to \(address)") }
    }

    deinit { close(descriptor) }

    func ask(_ request: RequestBytes) throws -> AnswerBytes {
        let frame = request.framed
        guard unsafe send(descriptor, frame, frame.count, Int32(MSG_NOSIGNAL)) == frame.count else {
            throw TestFailure("the broker takes no request")
        }
        var size = AnswerBytes(try receive(4)[...])
        // The correlation id stands before the body.
        return AnswerBytes(try receive(Int(size.int32())).dropFirst(4))
    }

    private func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else {
            throw TestFailure("the broker ended the connection")
        }
        return bytes
    }
}
