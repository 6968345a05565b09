import Glibc
import Learning

/// Makes features of values: one code for events and for the publisher's tensors, so that equal values have equal slots.
struct FeatureBuilder {
    typealias Place = PathTable.Place

    /// No declaration speaks of the value.
    static let undeclared: Int32 = -1

    var paths: PathTable
    /// Features of the open row.
    private(set) var count = 0

    private let declared: [CompiledSchema.Field]
    private let learnsUndeclared: Bool
    private let transform: NumberTransform
    private let slotMask: UInt64
    private let featuresMax: Int
    /// By declaration: the last row that had the field.
    private var lastRow: [UInt64]
    private var row: UInt64 = 0
    private var start: PathTable.Mark
    private var word: [UInt8] = []

    init(_ schema: EventSchema, _ compiled: CompiledSchema, bits: Int, fieldNames: [String]) {
        declared = compiled.declared
        learnsUndeclared = schema.undeclared == .learn
        transform = schema.numbers
        slotMask = (1 << UInt64(bits)) - 1
        featuresMax = schema.limits.features
        lastRow = Array(repeating: 0, count: compiled.declared.count)
        paths = PathTable(seed: schema.hashSeed)
        for (index, field) in compiled.declared.enumerated() { paths.declare(field.path, as: index) }
        for path in compiled.partsAmongFields { paths.leaveOut(path) }
        paths.adopt(fieldNames)
        start = paths.mark
    }

    mutating func begin() {
        row += 1
        count = 0
        start = paths.mark
    }

    mutating func rollBack() {
        paths.rollBack(to: start)
    }

    /// Checks what only the whole row can show.
    func finish() throws(Rejection) {
        for (field, last) in zip(declared, lastRow) where field.declaration.required && last != row {
            throw Rejection(reason: .requiredFieldMissing, detail: "\(Excerpt.path(field.path.text)): required, and missing or null")
        }
        if count == 0 { throw Rejection(reason: .nothingUsable, detail: "no field of the event has a value") }
    }
}

// MARK: - Values

extension FeatureBuilder {
    /// Adds the features of one value; `declaration` is the index of what was declared of it, or of the array it is in.
    mutating func add(
        _ value: Scalar, at place: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        if declaration >= 0 {
            lastRow[Int(declaration)] = row
        } else if !learnsUndeclared {
            return
        }
        switch value {
        case .number(let number): try add(number: number, at: place, declaration, into: &batch)
        case .text(let bytes): try unsafe add(text: bytes, at: place, declaration, into: &batch)
        case .boolean(let truth):
            try check(.boolean, declaration, at: place, value)
            // As the strings: a producer that changes from true to "true" changes nothing.
            try unsafe (truth ? "true" : "false" as StaticString).withBytes { bytes throws(Rejection) in
                try unsafe add(category: bytes, at: place, into: &batch)
            }
        }
    }

    private mutating func add(
        number: Double, at place: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        try check(.number, declaration, at: place, .number(number))
        guard Float(number).isFinite else {
            throw rejection(.numberNotFinite, at: place, "found \(Scalar.number(number).excerpt), too large for a Float")
        }
        if declaration >= 0, let range = declared[Int(declaration)].declaration.range, !range.contains(number) {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw rejection(.numberOutOfRange, at: place, "found \(Scalar.number(number).excerpt), outside the declared range \(bounds)")
        }
        try append(slotHash: place.hash, value: transformed(number), at: place, into: &batch)
    }

    private mutating func add(
        text: UnsafeRawBufferPointer, at place: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        if declaration >= 0 {
            if declared[Int(declaration)].declaration.type == .text {
                return try unsafe add(wordsOf: text, at: place, into: &batch)
            }
            try unsafe check(.category, declaration, at: place, .text(text))
        }
        try unsafe add(category: text, at: place, into: &batch)
    }

    private mutating func add(
        category: UnsafeRawBufferPointer, at place: Place, into batch: inout ExampleBatch
    ) throws(Rejection) {
        try unsafe append(slotHash: FeatureHash.category(category, at: place.hash), value: 1, at: place, into: &batch)
    }

    /// Words are runs of ASCII letters and digits and of whatever is not ASCII, in lower case as far as they are ASCII.
    private mutating func add(
        wordsOf text: UnsafeRawBufferPointer, at place: Place, into batch: inout ExampleBatch
    ) throws(Rejection) {
        word.removeAll(keepingCapacity: true)
        for index in 0..<text.count {
            let byte = unsafe text[index]
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: word.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
            default: try endWord(at: place, into: &batch)
            }
        }
        try endWord(at: place, into: &batch)
    }

    private mutating func endWord(at place: Place, into batch: inout ExampleBatch) throws(Rejection) {
        guard !word.isEmpty else { return }
        let hash = unsafe word.withUnsafeBytes { unsafe FeatureHash.category($0, at: place.hash) }
        word.removeAll(keepingCapacity: true)
        try append(slotHash: hash, value: 1, at: place, into: &batch)
    }

    private mutating func append(slotHash: UInt64, value: Float, at place: Place, into batch: inout ExampleBatch) throws(Rejection) {
        guard count < featuresMax else {
            throw rejection(.tooLarge, at: place, "more than \(featuresMax) features")
        }
        count += 1
        batch.appendFeature(slot: UInt32(truncatingIfNeeded: slotHash & slotMask), value: value, field: paths.field(of: place))
    }

    private func transformed(_ number: Double) -> Float {
        switch transform {
        case .raw: Float(number)
        case .log: Float(copysign(log1p(abs(number)), number))
        }
    }
}

// MARK: - Checks

extension FeatureBuilder {
    private func check(_ type: FieldType, _ declaration: Int32, at place: Place, _ found: Scalar) throws(Rejection) {
        guard declaration >= 0, declared[Int(declaration)].declaration.type != type else { return }
        throw mistyped(declaration, at: place, found.excerpt)
    }

    func mistyped(_ declaration: Int32, at place: Place, _ found: String) -> Rejection {
        rejection(.fieldMistyped, at: place, "found \(found), declared is \(declared[Int(declaration)].declaration.type)")
    }

    func rejection(_ reason: RejectReason, at place: Place, _ what: String) -> Rejection {
        Rejection(reason: reason, detail: "\(Excerpt.path(paths.path(of: place))): \(what)")
    }
}

extension StaticString {
    fileprivate func withBytes<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        // The literal's bytes live as long as the program.
        try unsafe body(UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
    }
}
