import Foundation

/// The value of an `owner@…` record: who took the lane.
public struct OwnerRecord: Codable, Equatable, Sendable {
    public var format = 1
    public var epoch: UInt64
    public var writer: WriterID
    public var host: String
    public var build: String
    /// Milliseconds since 1970.
    public var time: Int64
}

/// JSON as the records of a checkpoint topic hold it: keys sorted, so that equal values have equal bytes.
public enum RecordJSON {
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    public static func decode<Value: Decodable>(_: Value.Type, from bytes: [UInt8]) throws(CodecError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw .inconsistent("its JSON cannot be read: \(error)")
        }
    }
}
