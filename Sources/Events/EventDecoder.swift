public import Learning

/// Makes examples of records.
///
/// Not `Sendable`: one thread owns a decoder with its parser, its buffers and its table of paths. After the buffers have grown, an
/// event costs no allocation. What a decoder appends depends on the bytes alone, except for the order of field names, which is that of
/// their first appearance in events that were not rejected.
public final class EventDecoder {
    public enum Purpose: Sendable {
        case learning
        /// The label and the weight are not read; a time that is missing or none gives way to the fallback.
        case prediction
    }

    public let schema: EventSchema

    private let parser: DocumentParser
    private let parts: PartReader
    private var features: FeatureBuilder
    private var identity: [UInt8] = []
    private var hasIdentity = false

    /// - Parameters:
    ///   - bits: log2 of the number of slots, 1 to 32.
    ///   - fieldNames: names that get the first field indexes, in this order: another decoder's `fieldNames`.
    public init(schema: EventSchema, task: PredictionTask, bits: Int, fieldNames: [String] = []) {
        precondition((1...32).contains(bits), "slots are 32-bit numbers")
        guard let compiled = try? CompiledSchema(schema) else { preconditionFailure("a schema is checked when it is made") }
        self.schema = schema
        parser = DocumentParser(limits: schema.limits)
        parts = PartReader(schema, compiled, task: task)
        features = FeatureBuilder(schema, compiled, bits: bits, fieldNames: fieldNames)
    }

    /// The field paths by index, as in the batches this decoder filled.
    public var fieldNames: [String] { features.paths.names }

    /// The id of the last event given to `decode(_:)`, rejected or not; nil if it had none that is a string or an integer.
    public var lastEventID: String? {
        hasIdentity ? String(decoding: identity, as: UTF8.self) : nil
    }

    /// The xxh3-64 of that id's bytes: one number for ids that are written alike, whether as a string or as an integer.
    public var lastEventIdentity: UInt64? {
        guard hasIdentity else { return nil }
        return unsafe identity.withUnsafeBytes { unsafe FeatureHash.identity($0) }
    }

    /// Appends one row to `batch`, or leaves it as it was and says why.
    ///
    /// - Parameters:
    ///   - bytes: a record's value. Without a base address it is the null value, which an empty buffer with one is not.
    ///   - fallbackTime: the record's timestamp in milliseconds since 1970, used when the schema has no time.
    ///   - batch: one that this decoder alone fills.
    /// - Returns: nil when a row was appended.
    public func decode(
        _ bytes: UnsafeRawBufferPointer, purpose: Purpose, fallbackTime: Int64, into batch: inout ExampleBatch
    ) -> Rejection? {
        hasIdentity = false
        features.begin()
        do throws(Rejection) {
            let tape = try unsafe parser.parse(bytes)
            keepIdentity(of: tape)
            let row = try self.row(of: tape, purpose, fallbackTime)
            try features.addFields(parts.fields(in: tape), of: tape, into: &batch)
            try close(row, in: &batch)
            return nil
        } catch {
            return takeBack(from: &batch, error)
        }
    }

    /// Appends one row of values that were no JSON, with label 0 and weight 1, for a prediction.
    ///
    /// - Parameters:
    ///   - fields: paths as in `EventSchema.declared`, with their values.
    /// - Returns: nil when a row was appended; the batch is as it was otherwise.
    public func decode(
        fields: [(path: String, value: FieldValue)], time: Int64 = 0, into batch: inout ExampleBatch
    ) -> Rejection? {
        hasIdentity = false
        features.begin()
        do throws(Rejection) {
            for field in fields { try features.add(field.value, at: field.path, into: &batch) }
            try close(Row(label: 0, weight: 1, time: time), in: &batch)
            return nil
        } catch {
            return takeBack(from: &batch, error)
        }
    }
}

extension EventDecoder {
    private struct Row {
        let label: Float
        let weight: Float
        let time: Int64
    }

    private func row(of tape: Tape, _ purpose: Purpose, _ fallbackTime: Int64) throws(Rejection) -> Row {
        switch purpose {
        case .learning:
            Row(label: try parts.label(in: tape), weight: try parts.weight(in: tape), time: try parts.time(in: tape) ?? fallbackTime)
        case .prediction:
            Row(label: 0, weight: 1, time: (try? parts.time(in: tape)) ?? fallbackTime)
        }
    }

    private func keepIdentity(of tape: Tape) {
        guard let bytes = unsafe parts.identity(in: tape) else { return }
        identity.removeAll(keepingCapacity: true)
        unsafe identity.append(contentsOf: bytes)
        hasIdentity = true
    }

    private func close(_ row: Row, in batch: inout ExampleBatch) throws(Rejection) {
        try features.finish()
        batch.appendRow(label: row.label, weight: row.weight, time: row.time)
        let names = features.paths.names
        if batch.fieldNames.count < names.count { batch.fieldNames += names[batch.fieldNames.count...] }
    }

    private func takeBack(from batch: inout ExampleBatch, _ rejection: Rejection) -> Rejection {
        batch.discardOpenRow()
        features.rollBack()
        return rejection
    }
}
