import Foundation
import Synchronization

/// Stands between clients and one broker on 127.0.0.1 and flips one bit in the answers that hold a marker, so many times.
///
/// The broker's answers name its own port; it is replaced by the proxy's, so that clients stay on this way.
final class FlippingProxy: Sendable {
    let port: UInt16
    private let upstream: UInt16
    private let marker: [UInt8]
    private let flips: Mutex<Int>
    private let listener: Int32

    /// Flips that are still to come.
    var remainingFlips: Int { flips.withLock { $0 } }

    var bootstrapServers: String { "127.0.0.1:\(port)" }

    init(upstream: UInt16, marker: [UInt8], flips: Int) throws {
        self.upstream = upstream
        self.marker = marker
        self.flips = Mutex(flips)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard let port = unsafe Self.withAddress(port: 0, { unsafe Self.listen(listener, $0) }) else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = port
        self.listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                self.serve(client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32) {
        let broker = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isConnected = unsafe Self.withAddress(port: upstream) {
            unsafe connect(broker, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        guard isConnected else {
            close(client)
            close(broker)
            return
        }
        pump(from: client, to: broker) { $0 }
        pump(from: broker, to: client) { [self] in altered($0) }
    }

    /// Passes frames (four bytes of length, then the rest) until either side ends.
    private func pump(from source: Int32, to target: Int32, _ alter: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        Thread.detachNewThread {
            while let head = Self.receive(4, from: source),
                let body = Self.receive(head.reduce(0) { $0 << 8 | Int($1) }, from: source),
                Self.transmit(head + alter(body), to: target)
            {}
            shutdown(source, Int32(SHUT_RDWR))
            shutdown(target, Int32(SHUT_RDWR))
        }
    }

    private func altered(_ body: [UInt8]) -> [UInt8] {
        var body = body
        let address = Array("127.0.0.1".utf8)
        func bytes(_ port: UInt16) -> [UInt8] { [0, 0, UInt8(port >> 8), UInt8(port & 0xff)] }
        for place in body.places(of: address + bytes(upstream)) {
            body.replaceSubrange(place + address.count..<place + address.count + 4, with: bytes(port))
        }
        if let place = body.places(of: marker).first,
            flips.withLock({ flips in
                flips > 0
                    ? {
                        flips -= 1; return true
                    }() : false
            })
        {
            body[place] ^= 0x10
        }
        return body
    }

    // MARK: Sockets

    private static func withAddress<Answer>(port: UInt16, _ body: (UnsafeMutablePointer<sockaddr>) -> Answer) -> Answer {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafeMutableBytes(of: &address) { unsafe body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }

    private static func listen(_ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>) -> UInt16? {
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard unsafe bind(descriptor, address, size) == 0, Foundation.listen(descriptor, 16) == 0,
            unsafe getsockname(descriptor, address, &size) == 0
        else { return nil }
        return unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_port.bigEndian
    }

    private static func receive(_ count: Int, from source: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = unsafe bytes.withUnsafeMutableBytes { unsafe recv(source, $0.baseAddress! + filled, count - filled, 0) }
            guard more > 0 else { return nil }
            filled += more
        }
        return bytes
    }

    private static func transmit(_ bytes: [UInt8], to target: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let more = unsafe bytes.withUnsafeBytes {
                unsafe send(target, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard more > 0 else { return false }
            sent += more
        }
        return true
    }
}

extension [UInt8] {
    fileprivate func places(of pattern: [UInt8]) -> [Int] {
        guard count >= pattern.count else { return [] }
        return (0...count - pattern.count).filter { self[$0] == pattern[0] && self[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
