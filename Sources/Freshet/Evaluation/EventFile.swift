import CZlib
import Events

/// A file of JSON lines, plain or gzipped, or standard input for `-`.
struct EventFile {
    var path: String

    /// Calls `body` with each chunk of the unpacked bytes.
    func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        // zlib reads a file that is not gzipped as it is.
        let file = path == "-" ? unsafe gzdopen(0, "rb") : unsafe gzopen(path, "rb")
        guard let file = unsafe file else { throw UsageError("cannot read the event file '\(path)'") }
        defer { unsafe gzclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe gzread(file, $0.baseAddress, UInt32($0.count)) }
            guard count >= 0 else { throw WorkFailure("the event file '\(path)' is damaged: it ends or breaks off inside its gzip data") }
            guard count > 0 else { break }
            try unsafe buffer.withUnsafeBytes { try unsafe body(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
        }
        var code: Int32 = 0
        unsafe gzerror(file, &code)
        guard code == Z_OK || code == Z_STREAM_END else {
            throw WorkFailure("the event file '\(path)' is damaged: its gzip data ends early")
        }
    }
}
