import Glibc

/// Cuts a stream of bytes, given in chunks, into lines.
///
/// Lines end with LF or CR LF; empty ones are passed over. A line that lies within one chunk is lent without a copy. A longer line than
/// `bytesMax` is handed over cut, once, and costs no more memory than that.
public struct LineSplitter {
    /// Safe as far as its own properties go; `bytes` is marked where it is used.
    @safe public struct Line {
        /// Without its end; borrowed until the call returns.
        public let bytes: UnsafeRawBufferPointer
        /// From 1, empty lines counted.
        public let number: Int
        /// The line's length in the stream, more than `bytes.count` if it was cut.
        public let length: Int

        public var isCut: Bool { unsafe length > bytes.count }
    }

    private let bytesMax: Int
    private var number = 0
    /// The beginning of a line whose end has not come yet: at most `bytesMax` bytes and a return.
    private var pending: [UInt8] = []
    private var pendingLength = 0

    public init(bytesMax: Int = 1 << 20) {
        precondition(bytesMax > 0, "a line has at least one byte")
        self.bytesMax = bytesMax
    }

    /// Hands over every line that ends within `chunk`. A line whose handler throws counts as handed over; the rest of the chunk is lost.
    public mutating func feed(
        _ chunk: UnsafeRawBufferPointer, _ body: (borrowing Line) throws -> Void
    ) rethrows {
        var start = 0
        while let end = unsafe Self.lineEnd(in: chunk, from: start) {
            try unsafe endLine(with: chunk[start..<end], body)
            start = end + 1
        }
        unsafe keep(chunk[start...])
    }

    /// Hands over the last line if the stream does not end with a line's end.
    public mutating func finish(_ body: (borrowing Line) throws -> Void) rethrows {
        try unsafe endLine(with: UnsafeRawBufferPointer(start: nil, count: 0)[...], body)
    }

    private static func lineEnd(in chunk: UnsafeRawBufferPointer, from start: Int) -> Int? {
        // memchr reads the bytes from `start` to the chunk's end, and looks at many at once.
        guard start < chunk.count, let base = chunk.baseAddress,
            let end = unsafe memchr(base + start, Int32(UInt8(ascii: "\n")), chunk.count - start)
        else { return nil }
        return unsafe base.distance(to: UnsafeRawPointer(end))
    }

    private mutating func endLine(
        with part: Slice<UnsafeRawBufferPointer>, _ body: (borrowing Line) throws -> Void
    ) rethrows {
        number += 1
        if pendingLength == 0 {
            return try unsafe handOver(UnsafeRawBufferPointer(rebasing: part), length: part.count, body)
        }
        unsafe keep(part)
        defer {
            pending.removeAll(keepingCapacity: true)
            pendingLength = 0
        }
        try unsafe pending.withUnsafeBytes { bytes in
            try unsafe handOver(bytes, length: pendingLength, body)
        }
    }

    private func handOver(
        _ bytes: UnsafeRawBufferPointer, length: Int, _ body: (borrowing Line) throws -> Void
    ) rethrows {
        let hasReturn = unsafe bytes.last == UInt8(ascii: "\r") && length == bytes.count
        let content = hasReturn ? bytes.count - 1 : bytes.count
        guard content > 0 else { return }
        let kept = unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(min(content, bytesMax)))
        try unsafe body(Line(bytes: kept, number: number, length: hasReturn ? length - 1 : length))
    }

    private mutating func keep(_ part: Slice<UnsafeRawBufferPointer>) {
        unsafe pendingLength += part.count
        unsafe pending.append(contentsOf: part.prefix(bytesMax + 1 - pending.count))
    }
}
