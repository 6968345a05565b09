import CSimdJSON
import Glibc
import Learning

/// Reads what an event holds beside its features.
struct PartReader {
    private let schema: CompiledSchema
    private let task: PredictionTask
    /// By `CompiledSchema.Part`, as they are written in the schema.
    private let texts: [String]

    init(_ schema: EventSchema, _ compiled: CompiledSchema, task: PredictionTask) {
        self.schema = compiled
        self.task = task
        texts = [schema.label, schema.time ?? "", schema.id ?? "", schema.weight ?? ""]
    }

    func label(in tape: Tape) throws(Rejection) -> Float {
        guard let index = find(.label, in: tape), tape.kind(index) != CSIMDJSON_NULL else {
            throw rejection(.labelMissing, .label, "missing or null")
        }
        switch (task, tape.scalar(index)) {
        case (.binary, .number(0)), (.binary, .boolean(false)): return 0
        case (.binary, .number(1)), (.binary, .boolean(true)): return 1
        case (.binary, _):
            throw rejection(.labelMistyped, .label, "found \(tape.excerpt(index)), a binary label is 0, 1, true or false")
        case (.regression, .number(let number)) where Float(number).isFinite: return Float(number)
        case (.regression, _):
            throw rejection(.labelMistyped, .label, "found \(tape.excerpt(index)), a label to regress on is a number that fits a Float")
        }
    }

    /// Nil when the schema has no time.
    func time(in tape: Tape) throws(Rejection) -> Int64? {
        guard schema.parts[CompiledSchema.Part.time.rawValue] != nil else { return nil }
        guard let index = find(.time, in: tape) else { throw rejection(.timeInvalid, .time, "missing") }
        let time: Int64? =
            switch tape.scalar(index) {
            case .number(let number): Timestamp.milliseconds(number)
            case .text(let bytes): unsafe Timestamp.milliseconds(iso8601: bytes)
            default: nil
            }
        guard let time else {
            let expected = "expected whole milliseconds since 1970 or an ISO-8601 time with its zone"
            throw rejection(.timeInvalid, .time, "found \(tape.excerpt(index)), \(expected)")
        }
        return time
    }

    /// 1 when the schema has no weight, or the event has none.
    func weight(in tape: Tape) throws(Rejection) -> Float {
        guard let index = find(.weight, in: tape), tape.kind(index) != CSIMDJSON_NULL else { return 1 }
        guard case .number(let number)? = tape.scalar(index), Float(number).isFinite, Float(number) > 0 else {
            throw rejection(.weightInvalid, .weight, "found \(tape.excerpt(index)), a weight is a number above 0 that fits a Float")
        }
        return Float(number)
    }

    /// The bytes of a string or of an integer as it is written; nil when there is none.
    func identity(in tape: Tape) -> UnsafeRawBufferPointer? {
        guard let index = find(.id, in: tape) else { return nil }
        switch tape.kind(index) {
        case CSIMDJSON_STRING: return unsafe tape.text(index)
        case CSIMDJSON_NUMBER:
            let text = unsafe tape.text(index)
            let isInteger = unsafe text.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return unsafe isInteger ? text : nil
        default: return nil
        }
    }

    /// The object that holds the features.
    func fields(in tape: Tape) throws(Rejection) -> Int {
        guard let index = tape.find(schema.fields) else {
            throw Rejection(reason: .nothingUsable, detail: "the event has no features: missing")
        }
        guard tape.kind(index) == CSIMDJSON_OBJECT else {
            throw Rejection(reason: .nothingUsable, detail: "the features are no object: found \(tape.excerpt(index))")
        }
        return index
    }

    private func find(_ part: CompiledSchema.Part, in tape: Tape) -> Int? {
        guard let pointer = schema.parts[part.rawValue] else { return nil }
        return tape.find(pointer)
    }

    private func rejection(_ reason: RejectReason, _ part: CompiledSchema.Part, _ what: String) -> Rejection {
        Rejection(reason: reason, detail: "\(Excerpt.path(texts[part.rawValue])): \(what)")
    }
}

extension Tape {
    /// The value a pointer points at. Of members with one name the last one counts, as nearly every JSON library has it.
    func find(_ pointer: JSONPointer) -> Int? {
        var index = Tape.root
        for name in pointer.names {
            let found: Int? =
                switch kind(index) {
                case CSIMDJSON_OBJECT: member(name, of: index)
                case CSIMDJSON_ARRAY: element(name, of: index)
                default: nil
                }
            guard let found else { return nil }
            index = found
        }
        return index
    }

    private func member(_ wanted: [UInt8], of object: Int) -> Int? {
        var found: Int?
        var index = object + 1
        let end = next(object)
        while index < end {
            let candidate = unsafe name(index)
            if candidate.count == wanted.count, unsafe isEqual(candidate, wanted) { found = index }
            index = next(index)
        }
        return found
    }

    private func isEqual(_ bytes: UnsafeRawBufferPointer, _ other: [UInt8]) -> Bool {
        // Both hold `count` bytes.
        unsafe other.withUnsafeBytes { unsafe bytes.count == 0 || memcmp(bytes.baseAddress!, $0.baseAddress!, bytes.count) == 0 }
    }

    /// RFC 6901, section 4: an index has no leading zeros.
    private func element(_ wanted: [UInt8], of array: Int) -> Int? {
        guard let position = Int(String(decoding: wanted, as: UTF8.self)), String(position).utf8.elementsEqual(wanted) else { return nil }
        var index = array + 1
        for _ in 0..<max(position, 0) where index < next(array) { index = next(index) }
        return position >= 0 && index < next(array) ? index : nil
    }
}
