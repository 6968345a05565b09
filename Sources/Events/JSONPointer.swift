/// A JSON Pointer (RFC 6901): the unescaped names from the root of a document to one of its values.
struct JSONPointer: Hashable, Sendable {
    /// Longer names are features all the same, but cannot be pointed at.
    static let nameBytesMax = 256

    /// UTF-8; empty for the whole document.
    let names: [[UInt8]]

    init(names: [[UInt8]]) {
        self.names = names
    }

    init(_ text: String) throws(InvalidPath) {
        if text.isEmpty {
            names = []
        } else if text.utf8.first == UInt8(ascii: "/") {
            names = try Self.names(in: text.utf8.dropFirst())
        } else {
            throw InvalidPath(problem: "a JSON Pointer is empty or begins with '/'")
        }
    }

    /// The path of a field below `fields`: a pointer without its leading slash.
    init(path: String) throws(InvalidPath) {
        names = try Self.names(in: path.utf8[...])
    }

    /// As the path of a field.
    var text: String {
        names.map { String(decoding: Self.escaped($0), as: UTF8.self) }.joined(separator: "/")
    }

    func hasPrefix(_ other: JSONPointer) -> Bool {
        names.starts(with: other.names)
    }

    private static func names(in text: Substring.UTF8View) throws(InvalidPath) -> [[UInt8]] {
        var names: [[UInt8]] = []
        for part in text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let name = try unescaped(part)
            guard name.count <= nameBytesMax else { throw InvalidPath(problem: "a name in it is longer than \(nameBytesMax) bytes") }
            names.append(name)
        }
        return names
    }

    private static func unescaped(_ text: Substring.UTF8View) throws(InvalidPath) -> [UInt8] {
        var name: [UInt8] = []
        var rest = text.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "~") else {
                name.append(byte)
                continue
            }
            switch rest.next() {
            case UInt8(ascii: "0"): name.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): name.append(UInt8(ascii: "/"))
            default: throw InvalidPath(problem: "'~' must be followed by 0 (for '~') or 1 (for '/')")
            }
        }
        return name
    }

    /// One name as it is written in a path.
    static func escaped(_ name: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in name {
            switch byte {
            case UInt8(ascii: "~"): text += [UInt8(ascii: "~"), UInt8(ascii: "0")]
            case UInt8(ascii: "/"): text += [UInt8(ascii: "~"), UInt8(ascii: "1")]
            default: text.append(byte)
            }
        }
        return text
    }
}

/// What is wrong with a pointer or path, to be completed with where it stands.
struct InvalidPath: Error, Equatable {
    let problem: String
}
