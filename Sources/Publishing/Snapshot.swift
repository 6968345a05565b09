public import Events
public import Learning

/// A version as the publisher serves it: immutable, replaced whole, never edited while a request is reading it.
public struct Snapshot: Sendable {
    public var modelName: String
    /// One version number per lane; shown as `42`, or `42.17` with two lanes.
    public var version: [UInt64]
    public var model: LinearModel
    public var schema: EventSchema
    /// The model digest: 32 hexadecimal digits.
    public var digest: String
    /// When the version was written, in milliseconds since 1970. With several lanes: the oldest of them.
    public var createdAt: Int64
    /// The newest event time the version has learnt, in milliseconds since 1970.
    public var inputWatermark: Int64
    /// Progressive metrics since the model's first event.
    public var metrics: MetricsSummary?
    /// Progressive metrics of the last full window.
    public var window: MetricsSummary?
    public var gate: GateView
    /// The inputs the Open Inference Protocol shows: one per field path.
    public var fields: [FieldDescription]

    public init(
        modelName: String,
        version: [UInt64],
        model: LinearModel,
        schema: EventSchema,
        digest: String,
        createdAt: Int64,
        inputWatermark: Int64,
        metrics: MetricsSummary? = nil,
        window: MetricsSummary? = nil,
        gate: GateView = GateView(state: .open),
        fields: [FieldDescription] = []
    ) {
        self.modelName = modelName
        self.version = version
        self.model = model
        self.schema = schema
        self.digest = digest
        self.createdAt = createdAt
        self.inputWatermark = inputWatermark
        self.metrics = metrics
        self.window = window
        self.gate = gate
        self.fields = fields
    }

    public var task: PredictionTask { model.specification.task }
    public var bits: Int { model.specification.bits }

    /// The version as people and clients see it.
    public var versionText: String { Snapshot.text(of: version) }

    public static func text(of version: [UInt64]) -> String {
        version.map(String.init).joined(separator: ".")
    }
}

/// A field as an input tensor of the Open Inference Protocol.
public struct FieldDescription: Equatable, Sendable {
    /// The types a field can have there; the shape is always `[n]`.
    public enum Datatype: String, Codable, Sendable {
        case number = "FP64"
        case text = "BYTES"
        case boolean = "BOOL"
    }

    /// The field's path as the event decoder names it.
    public var path: String
    public var datatype: Datatype

    public init(path: String, datatype: Datatype) {
        self.path = path
        self.datatype = datatype
    }
}
