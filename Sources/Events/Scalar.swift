/// A single value of a field, wherever it was read from.
///
/// Safe as far as its own members go; the borrowed bytes are marked where they are read.
@safe enum Scalar {
    case number(Double)
    /// UTF-8, borrowed from the document.
    case text(UnsafeRawBufferPointer)
    case boolean(Bool)
}

extension Scalar {
    /// What was found, for a rejection's detail.
    var excerpt: String {
        switch self {
        case .number(let number): number.isFinite ? "the number \(number)" : "a number beyond every double"
        case .text(let bytes): unsafe "the string \(Excerpt.quoted(bytes))"
        case .boolean(let truth): "\(truth)"
        }
    }
}

/// Foreign bytes made fit to be read by people and to be put into logs and headers.
enum Excerpt {
    static let bytesMax = 48

    /// Printable ASCII as it is, everything else as `\xNN`, cut after 48 bytes.
    static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = unsafe bytes.prefix(bytesMax).map { Self.printable($0) }.joined()
        let rest = bytes.count - bytesMax
        return rest > 0 ? "\"\(text)\"… (\(rest) bytes more)" : "\"\(text)\""
    }

    /// A path, which may hold foreign names.
    static func path(_ path: String) -> String {
        let text = path.utf8.prefix(3 * bytesMax).map(printable).joined()
        return path.utf8.count > 3 * bytesMax ? text + "…" : text
    }

    private static func printable(_ byte: UInt8) -> String {
        guard byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
            return String(UnicodeScalar(byte))
        }
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }
}
