/// A JSON object as the list of its members, every value as it is written: enough to break an event at one place and to leave the rest
/// as it was, byte by byte.
struct JSONMembers: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        /// As it is written, without the quotes around it.
        var name: [UInt8]
        var value: [UInt8]
    }

    var members: [Member] = []

    /// nil if the text is no object.
    init?(_ text: ArraySlice<UInt8>) {
        var scanner = JSONScanner(text)
        guard scanner.take("{") else { return nil }
        if scanner.take("}") { return }
        repeat {
            guard let name = scanner.string(), scanner.take(":"), let value = scanner.value() else { return nil }
            members.append(Member(name: Array(name.dropFirst().dropLast()), value: Array(value)))
        } while scanner.take(",")
        guard scanner.take("}") else { return nil }
    }

    /// The value of a member; a new one is put at the end, and nil takes the member away.
    subscript(name: String) -> [UInt8]? {
        get { position(of: name).map { members[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append(Member(name: Array(name.utf8), value: value))
            case (nil, nil): break
            }
        }
    }

    func position(of name: String) -> Int? { members.firstIndex { $0.name.elementsEqual(name.utf8) } }

    var text: [UInt8] {
        var text = [UInt8(ascii: "{")]
        for (position, member) in members.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: "\""))
            text.append(contentsOf: member.name)
            text.append(contentsOf: "\":".utf8)
            text.append(contentsOf: member.value)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }
}

/// Steps through JSON text without making anything of it.
private struct JSONScanner {
    private let text: ArraySlice<UInt8>
    private var position: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    private var next: UInt8? { position < text.endIndex ? text[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte <= UInt8(ascii: " ") { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// With its quotes.
    mutating func string() -> ArraySlice<UInt8>? {
        skipSpace()
        let start = position
        guard take("\"") else { return nil }
        while let byte = next {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return text[start..<position] }
        }
        return nil
    }

    mutating func value() -> ArraySlice<UInt8>? {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"), UInt8(ascii: "["): return container()
        default: return word()
        }
    }

    private mutating func container() -> ArraySlice<UInt8>? {
        let start = position
        var depth = 0
        repeat {
            switch next {
            case UInt8(ascii: "\""): if string() == nil { return nil }
            case UInt8(ascii: "{"), UInt8(ascii: "["): (depth, position) = (depth + 1, position + 1)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): (depth, position) = (depth - 1, position + 1)
            case nil: return nil
            default: position += 1
            }
        } while depth > 0
        return text[start..<position]
    }

    /// A number, true, false or null.
    private mutating func word() -> ArraySlice<UInt8>? {
        let start = position
        while let byte = next, byte > UInt8(ascii: " "), byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position += 1 }
        return start < position ? text[start..<position] : nil
    }
}
