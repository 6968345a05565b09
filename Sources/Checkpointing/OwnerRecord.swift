import Foundation
public import Learning

/// The value of an `owner@…` record: who took the lane.
///
/// JSON, and proved like everything else in the topic: `digest` is the xxh3-128 of the value with zeros for its own 32 digits, so it covers
/// every byte, members of a newer build included. Format 1 had none.
public struct OwnerRecord: Codable, Equatable, Sendable {
    static let format = 2

    public var format = Self.format
    public var epoch: UInt64
    public var writer: WriterID
    /// How many lanes the trainer counted; nil of a build that did not say.
    public var lanes: UInt16?
    public var host: String
    public var build: String
    /// Milliseconds since 1970.
    public var time: Int64
    /// Set by `encoded`; absent from a record of format 1.
    public private(set) var digest: Digest128?

    public init(epoch: UInt64, writer: WriterID, lanes: UInt16? = nil, host: String, build: String, time: Int64) {
        self.epoch = epoch
        self.writer = writer
        self.lanes = lanes
        self.host = host
        self.build = build
        self.time = time
    }

    public func encoded() throws -> [UInt8] {
        var record = self
        record.digest = Self.blank
        record.digest = Digest128(of: try RecordJSON.encode(record))
        return try RecordJSON.encode(record)
    }

    /// The record, or why the bytes are none.
    public init(decoding bytes: [UInt8]) throws(CodecError) {
        try Self.checkFormat(of: bytes)
        self = try RecordJSON.decode(Self.self, from: bytes)
    }

    /// Before the rest is looked at, which a newer build may spell otherwise.
    private static func checkFormat(of bytes: [UInt8]) throws(CodecError) {
        let mark = try RecordJSON.decode(Mark.self, from: bytes)
        if let digest = mark.digest {
            guard sum(of: bytes, without: digest) == digest else { throw .digestMismatch }
        } else if mark.format != 1 {
            throw .inconsistent("its format is \(mark.format), and it has no digest")
        }
        guard (1...format).contains(mark.format) else { throw .foreign(UInt16(clamping: mark.format), newest: UInt16(format)) }
    }

    /// What an owner record of every format has.
    private struct Mark: Decodable {
        var format: Int
        var digest: Digest128?
    }

    private static let blank = Digest128(high: 0, low: 0)

    private static func sum(of bytes: [UInt8], without digest: Digest128) -> Digest128? {
        guard let digits = bytes.firstRange(of: digest.description.utf8) else { return nil }
        return Digest128(of: bytes.replacing(blank.description.utf8, in: digits))
    }
}

extension [UInt8] {
    fileprivate func replacing(_ other: String.UTF8View, in range: Range<Int>) -> [UInt8] {
        var bytes = self
        bytes.replaceSubrange(range, with: other)
        return bytes
    }
}

/// JSON as the records of a checkpoint topic hold it: keys sorted, so that equal values have equal bytes.
public enum RecordJSON {
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Refuses the value of a kind whose first format has no number: a build that changes it writes one.
    public static func checkUnnumbered(_ bytes: [UInt8]) throws(CodecError) {
        let mark = try? JSONDecoder().decode(Mark.self, from: Data(bytes))
        guard let format = mark?.format, format != 1 else { return }
        throw .foreign(UInt16(clamping: format), newest: 1)
    }

    private struct Mark: Decodable { var format: Int? }

    public static func decode<Value: Decodable>(_: Value.Type, from bytes: [UInt8]) throws(CodecError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw .inconsistent("its JSON cannot be read: \(error)")
        }
    }
}
