import CSimdJSON
import Learning

/// Owns a simdjson parser and its buffers, which are reused from document to document.
///
/// Safe: the pointer is this value's alone, from its making to its end.
@safe struct DocumentParser: ~Copyable {
    private let parser: OpaquePointer
    private let limits: EventLimits

    init(limits: EventLimits) {
        guard let parser = unsafe csimdjson_parser_create() else { fatalError("out of memory for a JSON parser") }
        unsafe self.parser = unsafe parser
        self.limits = limits
    }

    deinit {
        unsafe csimdjson_parser_destroy(parser)
    }

    /// The document's tape, which lives until the next call.
    func parse(_ bytes: UnsafeRawBufferPointer) throws(Rejection) -> Tape {
        guard let start = bytes.baseAddress else {
            throw Rejection(reason: .nullValue, detail: "the record has no value")
        }
        guard bytes.count <= limits.documentBytes else {
            throw Rejection(reason: .tooLarge, detail: "\(bytes.count) bytes, the limit is \(limits.documentBytes)")
        }
        let result = unsafe csimdjson_parse(parser, start, bytes.count, UInt32(limits.depth))
        guard unsafe result.status == CSIMDJSON_OK else { throw unsafe rejection(result, bytes) }
        return unsafe Tape(tokens: UnsafeBufferPointer(start: result.tokens, count: result.count))
    }

    private func rejection(_ result: CSimdJSONResult, _ bytes: UnsafeRawBufferPointer) -> Rejection {
        switch unsafe result.status {
        case CSIMDJSON_TOO_DEEP:
            return Rejection(reason: .tooLarge, detail: "nested deeper than \(limits.depth) levels")
        case CSIMDJSON_NO_MEMORY:
            return Rejection(reason: .tooLarge, detail: "no memory for a document of \(bytes.count) bytes")
        case CSIMDJSON_NOT_AN_OBJECT:
            return unsafe Rejection(reason: .notJSON, detail: "not a JSON object: \(Excerpt.quoted(bytes))")
        default:
            let message = unsafe result.message.map { unsafe String(cString: $0) } ?? "unknown error"
            return unsafe Rejection(reason: .notJSON, detail: "\(message) In \(Excerpt.quoted(bytes))")
        }
    }
}

/// The tokens of one document in the order in which they are written: see `CSimdJSON.h`.
///
/// Safe by how it is used: a decoder walks a tape before it parses again, and every index comes from `members`.
@safe struct Tape {
    private let tokens: UnsafeBufferPointer<CSimdJSONToken>

    init(tokens: UnsafeBufferPointer<CSimdJSONToken>) {
        unsafe self.tokens = unsafe tokens
    }

    static let root = 0

    func kind(_ index: Int) -> CSimdJSONKind { unsafe tokens[index].kind }
    func number(_ index: Int) -> Double { unsafe tokens[index].number }

    /// The tokens below a container: the first member is at `lowerBound`, the sibling of the one at i is at `next(i)`.
    func members(_ index: Int) -> Range<Int> { unsafe index + 1..<index + Int(tokens[index].span) }
    func next(_ index: Int) -> Int { unsafe index + Int(tokens[index].span) }

    func name(_ index: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: tokens[index].key, count: Int(tokens[index].key_count))
    }

    /// A string's content, or a number as it is written.
    func text(_ index: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: tokens[index].text, count: Int(tokens[index].text_count))
    }

    /// Nil for null, objects and arrays.
    func scalar(_ index: Int) -> Scalar? {
        switch kind(index) {
        case CSIMDJSON_NUMBER, CSIMDJSON_NUMBER_OVERFLOW: .number(number(index))
        case CSIMDJSON_STRING: unsafe .text(text(index))
        case CSIMDJSON_TRUE: .boolean(true)
        case CSIMDJSON_FALSE: .boolean(false)
        default: nil
        }
    }

    /// What was found, for a rejection's detail.
    func excerpt(_ index: Int) -> String {
        switch kind(index) {
        case CSIMDJSON_NULL: "null"
        case CSIMDJSON_OBJECT: "an object"
        case CSIMDJSON_ARRAY: "an array"
        case CSIMDJSON_NUMBER, CSIMDJSON_NUMBER_OVERFLOW: unsafe "the number \(Excerpt.quoted(text(index)))"
        default: scalar(index)?.excerpt ?? ""
        }
    }
}
