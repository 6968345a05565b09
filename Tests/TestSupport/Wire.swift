import Foundation

/// One end of a TCP connection that carries the Kafka protocol's frames: four bytes of length, then the rest.
struct Wire: ~Copyable, Sendable {
    private let descriptor: Int32

    init(taking descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// - Parameter address: `host:port`.
    static func connected(to address: String) throws -> Wire {
        let colon = address.lastIndex(of: ":") ?? address.endIndex
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_INET
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let answer = unsafe getaddrinfo(String(address[..<colon]), String(address[colon...].dropFirst()), &hints, &found)
        guard answer == 0, let place = unsafe found else { throw TestFailure("no address for \(address)") }
        defer { unsafe freeaddrinfo(found) }
        let wire = Wire(taking: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        guard unsafe connect(wire.descriptor, place.pointee.ai_addr, place.pointee.ai_addrlen) == 0 else {
            throw TestFailure("no connection to \(address)")
        }
        return wire
    }

    deinit { close(descriptor) }

    /// The next frame without its length; nil when the connection has ended, or when there cannot be so long a one.
    func receive(atMost limit: Int = .max) -> [UInt8]? {
        guard let head = receive(4) else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        return count <= limit ? receive(count) : nil
    }

    private func receive(_ count: Int) -> [UInt8]? {
        var isWhole = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            isWhole = unsafe count == 0 || recv(descriptor, buffer.baseAddress, count, Int32(MSG_WAITALL)) == count
            filled = isWhole ? count : 0
        }
        return isWhole ? bytes : nil
    }

    /// Sends a frame; false when the connection has ended.
    @discardableResult
    func send(_ frame: [UInt8]) -> Bool {
        var head = WireWriter()
        head.append(Int32(frame.count))
        return transmit(head.bytes + frame)
    }

    /// Sends the first half of a frame.
    func sendHalf(of frame: [UInt8]) {
        var head = WireWriter()
        head.append(Int32(frame.count))
        _ = transmit(head.bytes + frame.prefix(frame.count / 2))
    }

    private func transmit(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let more = unsafe bytes.withUnsafeBytes {
                unsafe Foundation.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard more > 0 else { return false }
            sent += more
        }
        return true
    }

    /// No more is sent; what the other side still says can be read.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Wakes whoever reads or writes here: it is over.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Wakes whoever reads here; the other side gets a reset when the descriptor is closed.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RD))
    }

    /// Sends a request and reads its answer's body.
    func ask(_ request: WireWriter) throws -> WireReader {
        guard send(request.bytes), let answer = receive() else { throw TestFailure("the broker ended the connection") }
        // The correlation id stands before the body.
        return WireReader(answer.dropFirst(4))
    }
}

/// A socket that listens on a port of this machine's own choice.
struct Listener: ~Copyable, Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe bind(descriptor, pointer, size) == 0 && listen(descriptor, 64) == 0
                && getsockname(descriptor, pointer, &size) == 0
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    }

    deinit { close(descriptor) }

    /// Nil when listening has ended.
    func accept() -> Wire? {
        let client = Foundation.accept(descriptor, nil, nil)
        return client < 0 ? nil : Wire(taking: client)
    }

    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
