import Learning

/// `POST /v1/predict`.
///
/// ```json
/// {"ageSeconds":1.2,"inputWatermark":"2013-01-07T10:00:00.000Z","model":"flowers","predictions":[0.25],"stale":false,"version":"42"}
/// ```
struct PredictAnswer: Encodable {
    var model: String
    var version: String
    var ageSeconds: Double
    var inputWatermark: String
    var stale: Bool
    var predictions: [Float]
}

/// `POST /v2/models/{model}/infer`.
struct InferenceAnswer: Encodable {
    static let outputName = "prediction"

    struct Tensor: Encodable {
        var name = InferenceAnswer.outputName
        var shape: [Int]
        var datatype = "FP32"
        var data: [Float]
    }

    enum CodingKeys: String, CodingKey {
        case modelName = "model_name"
        case modelVersion = "model_version"
        case id, parameters, outputs
    }

    var modelName: String
    var modelVersion: String
    var id: String?
    var parameters: Freshness
    var outputs: [Tensor]
}

/// `GET /v2`.
struct ServerMetadata: Encodable {
    var name = "freshet"
    var version: String
    var extensions: [String] = []
}

/// `GET /v2/models/{model}`.
struct ModelMetadata: Encodable {
    struct Tensor: Encodable {
        var name: String
        var datatype: String
        /// -1: any number of rows.
        var shape = [-1]
    }

    var name: String
    var versions: [String]
    var platform = "freshet"
    var inputs: [Tensor]
    var outputs = [Tensor(name: InferenceAnswer.outputName, datatype: "FP32")]

    init(of served: ServedModel) {
        name = served.snapshot.modelName
        versions = [served.version]
        inputs = served.snapshot.fields.map { Tensor(name: $0.path, datatype: $0.datatype.rawValue) }
    }
}

/// `GET /v2/models/{model}/ready`.
struct ModelReadiness: Encodable {
    var name: String
    var ready = true
}

/// `GET /v1/model`: what the status page shows.
struct ModelStatus: Encodable {
    var model: String
    var version: String
    var ageSeconds: Double
    var createdAt: Int64
    var inputWatermark: String
    var stale: Bool
    var task: PredictionTask
    var bits: Int
    var digest: String
    var gate: GateView
    var metrics: MetricsSummary?
    var window: MetricsSummary?
    var history: [QualityPoint]
    var notice: String?
    /// HTTP requests answered since this publisher started.
    var requests: Int
    /// Predictions given since this publisher started.
    var predictions: Int
}

/// `GET /v1/versions`.
struct VersionList: Encodable {
    var model: String?
    var versions: [VersionRow]
}

/// Every answer that is not a success.
struct ErrorAnswer: Encodable {
    var error: String
}
