/// One event, open for changes: its parts and its fields, every value as it is written.
///
/// Label, time, id and fields are the members `label`, `ts`, `id` and `features`.
struct EventText: Equatable, Sendable {
    var parts: JSONMembers
    var fields: JSONMembers

    init?(_ line: ArraySlice<UInt8>) {
        guard let parts = JSONMembers(line), let features = parts["features"], let fields = JSONMembers(features[...]) else { return nil }
        (self.parts, self.fields) = (parts, fields)
    }

    var text: [UInt8] {
        var parts = parts
        parts["features"] = fields.text
        return parts.text
    }
}

/// Values of members, to and from their text.
enum JSONValue {
    static func number(_ text: [UInt8]) -> Double? {
        guard let first = text.first, first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return nil
        }
        return Double(String(decoding: text, as: UTF8.self))
    }

    static func isString(_ text: [UInt8]) -> Bool { text.first == UInt8(ascii: "\"") }

    /// A number that is finite.
    static func text(_ number: Double) -> [UInt8] { Array("\(number)".utf8) }

    static func text(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }

    /// A text that needs no escapes.
    static func quoted(_ text: String) -> [UInt8] { Array("\"\(text)\"".utf8) }

    /// A string that begins with something else.
    static func prefixed(_ string: [UInt8], by prefix: String) -> [UInt8] {
        [UInt8(ascii: "\"")] + Array(prefix.utf8) + Array(string.dropFirst())
    }
}
