/// Finds the events in a request body, without parsing them: the event decoder does that, one event at a time.
///
/// The scan keeps a depth and whether it is inside a string, and nothing else, so it costs one pass and no recursion whatever the
/// bytes are. Whether each event is good JSON is for the decoder to say.
enum EventSplitter {
    enum Format: Equatable, Sendable {
        /// One JSON object, or an array of them.
        case json
        /// One JSON object a line.
        case lines
    }

    enum Problem: Error, Equatable {
        case empty
        case unclosedArray
        case notAList(at: Int)
        case tooMany(limit: Int)

        var sentence: String {
            switch self {
            case .empty: "The body holds no event; send one JSON object, a JSON array of them, or NDJSON."
            case .unclosedArray: "The body begins a JSON array and does not end it."
            case .notAList(let position): "The body is not a JSON array of events: byte \(position) is out of place."
            case .tooMany(let limit): "The body holds more than \(limit) events; send them in several requests."
            }
        }
    }

    /// - Returns: the byte range of every event, in order; never empty.
    static func split(_ bytes: Span<UInt8>, as format: Format, limit: Int) throws(Problem) -> [Range<Int>] {
        let start = skipSpace(bytes, from: 0)
        guard start < bytes.count else { throw .empty }
        switch format {
        case .lines: return try lines(bytes, limit: limit)
        case .json where bytes[start] == UInt8(ascii: "["): return try elements(bytes, after: start, limit: limit)
        case .json: return [start..<bytes.count]
        }
    }

    private static func lines(_ bytes: Span<UInt8>, limit: Int) throws(Problem) -> [Range<Int>] {
        var events: [Range<Int>] = []
        var start = skipSpace(bytes, from: 0)
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            guard events.count < limit else { throw .tooMany(limit: limit) }
            events.append(start..<end)
            start = skipSpace(bytes, from: end)
        }
        return events
    }

    private static func elements(_ bytes: Span<UInt8>, after bracket: Int, limit: Int) throws(Problem) -> [Range<Int>] {
        var events: [Range<Int>] = []
        var position = skipSpace(bytes, from: bracket + 1)
        while position < bytes.count {
            let end = try endOfElement(bytes, from: position)
            guard end > position else { throw events.isEmpty && bytes[position] == UInt8(ascii: "]") ? .empty : .notAList(at: position) }
            guard events.count < limit else { throw .tooMany(limit: limit) }
            events.append(position..<end)
            if bytes[end] == UInt8(ascii: "]") {
                let rest = skipSpace(bytes, from: end + 1)
                guard rest == bytes.count else { throw .notAList(at: rest) }
                return events
            }
            position = skipSpace(bytes, from: end + 1)
        }
        throw .unclosedArray
    }

    /// The position of the comma or bracket that ends the element beginning at `start`.
    private static func endOfElement(_ bytes: Span<UInt8>, from start: Int) throws(Problem) -> Int {
        var depth = 0
        var isInString = false
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\\") where isInString: position += 1
            case UInt8(ascii: "\""): isInString.toggle()
            case _ where isInString: break
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ","), UInt8(ascii: "]"):
                if depth == 0 { return position }
                if byte == UInt8(ascii: "]") { depth -= 1 }
            case UInt8(ascii: "}"):
                guard depth > 0 else { throw .notAList(at: position) }
                depth -= 1
            default: break
            }
            position += 1
        }
        throw .unclosedArray
    }

    private static func skipSpace(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
        return position
    }
}
