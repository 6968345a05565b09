import CXXHash

/// An xxh3-128 digest, written as 32 hexadecimal digits.
public struct Digest128: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The digest of a run of bytes.
    public init(of bytes: UnsafeRawBufferPointer) {
        let hash = unsafe cxxhash_xxh3_128(bytes.baseAddress, bytes.count)
        self.init(high: hash.high, low: hash.low)
    }

    public init(of bytes: [UInt8]) {
        self = unsafe bytes.withUnsafeBytes { unsafe Digest128(of: $0) }
    }
}

extension Digest128: LosslessStringConvertible {
    public var description: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    public init?(_ description: String) {
        guard description.utf8.count == 32,
            let high = UInt64(description.prefix(16), radix: 16),
            let low = UInt64(description.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Digest128: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let digest = Digest128(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a digest is 32 hexadecimal digits, not '\(text)'"))
        }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
