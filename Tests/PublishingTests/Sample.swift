import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Learning
import Logging
import NIOCore
@testable import Publishing

/// A model that has learnt a little, and a publisher that serves it.
enum Sample {
    static let schema = try! EventSchema(
        declared: ["price": DeclaredField(type: .number, range: 0...1_000), "country": DeclaredField(type: .category)])
    static let fields = [
        FieldDescription(path: "country", datatype: .text),
        FieldDescription(path: "price", datatype: .number),
        FieldDescription(path: "returning", datatype: .boolean),
    ]
    /// 2014-01-01T00:00:00Z, in milliseconds.
    static let createdAt: Int64 = 1_388_534_400_000

    /// - Parameter passes: how often the model has learnt its two events; more of them, more extreme predictions.
    static func snapshot(version: [UInt64] = [42], passes: Int = 20, name: String = "flowers", gate: GateView = GateView(state: .open))
        -> Snapshot
    {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 10))
        let decoder = EventDecoder(schema: schema, task: .binary, bits: 10)
        var batch = ExampleBatch()
        for event in [#"{"label":1,"features":{"price":3,"country":"NL"}}"#, #"{"label":0,"features":{"price":900,"country":"US"}}"#] {
            unsafe Array(event.utf8).withUnsafeBytes { bytes in
                _ = unsafe decoder.decode(bytes, purpose: .learning, fallbackTime: createdAt, into: &batch)
            }
        }
        var metrics = ProgressiveMetrics(task: .binary)
        for _ in 0..<passes {
            for row in 0..<batch.count {
                metrics.observe(prediction: learner.learn(row, of: batch), label: batch.labels[row], weight: 1)
            }
        }
        return Snapshot(
            modelName: name, version: version, model: learner.snapshot(), schema: schema, digest: String(repeating: "ab", count: 16),
            createdAt: createdAt, inputWatermark: createdAt - 1_500, metrics: metrics.summary, window: metrics.summary, gate: gate,
            fields: fields)
    }

    /// A publisher whose clock stands `age` milliseconds after the sample version was written.
    static func server(
        _ snapshot: Snapshot? = snapshot(), age: Int64 = 1_200, registry: PrometheusRegistry = PrometheusRegistry(),
        box: SnapshotBox = SnapshotBox(), limits: HTTPLimits = HTTPLimits(), onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> PublishingServer {
        if let snapshot { box.replace(with: snapshot) }
        return PublishingServer(
            configuration: PublishingConfiguration(port: 0, limits: limits, build: "1.0"), box: box, registry: registry,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { createdAt + age }, onListening: onListening)
    }
}

extension PublishingServer {
    /// Sends one request to the routes, without a network.
    func answer(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await application().test(.router) { client in
            try await client.execute(uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The body as a JSON object.
    var document: [String: Any] {
        get throws {
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            return object as? [String: Any] ?? [:]
        }
    }

    /// The sentence of an answer that is no success.
    var error: String { (try? document["error"] as? String) ?? "" }
}
