import Events
import Foundation
import FoundationNetworking
import Learning
import Logging
import Training

@testable import Freshet
@testable import Publishing

/// A request or an answer as the catalogue writes it: a first line, headers, and after an empty line the body.
struct Message: Sendable {
    var first: String
    var headers: [(String, String)]
    var body: String

    init(_ text: String) throws {
        let halves = text.split(separator: "\n\n", maxSplits: 1)
        let lines = (halves.first ?? "").split(separator: "\n")
        first = lines.first.map(String.init) ?? ""
        headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return (pair[0], pair.count > 1 ? pair[1] : "")
        }
        body = halves.count > 1 ? String(halves[1]) : ""
    }
}

struct Answer: Sendable {
    var status: Int
    var headers: @Sendable (String) -> String?
    var body: String
}

/// A publisher on a free port of this machine.
struct SurfacePublisher: Sendable {
    private let port: Int

    /// - Parameter state: `full` serves version 42 with all there is to say of it, `least` with as little as there can be, `empty` none.
    static func with<Result: Sendable>(state: String, _ body: (SurfacePublisher) async throws -> Result) async throws -> Result {
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let server = PublishingServer(
            configuration: PublishingConfiguration(port: 0, build: "0.1.0"), box: try box(state), registry: PrometheusRegistry(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onListening: { bound.yield($0) })
        let serving = Task { try await server.run() }
        defer { serving.cancel() }
        var port = 0
        for await first in ports {
            port = first
            break
        }
        let result = try await body(SurfacePublisher(port: port))
        serving.cancel()
        _ = await serving.result
        return result
    }

    func answer(to message: Message) async throws -> Answer {
        let words = message.first.split(separator: " ").map(String.init)
        guard words.count == 2, let url = URL(string: "http://127.0.0.1:\(port)\(words[1])") else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = words[0]
        for (name, value) in message.headers { request.setValue(value, forHTTPHeaderField: name) }
        if !message.body.isEmpty { request.httpBody = Data(message.body.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        let fields = Dictionary(response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }) { first, _ in first }
        return Answer(status: response.statusCode, headers: { fields[$0.lowercased()] }, body: String(decoding: data, as: UTF8.self))
    }

    // MARK: - What it serves

    private static func box(_ state: String) throws -> SnapshotBox {
        let box = SnapshotBox()
        let metrics = state == "full" ? SurfaceSamples.metrics(.binary).summary : nil
        box.update(versions: [VersionRow(version: "42", createdAt: 5, digest: "", events: 3, metrics: metrics, cleared: true)])
        guard state != "empty" else { return box }
        let cause = GateView.Cause(kind: "reject-rate", detail: "Too many.", since: 5, resume: "manual")
        box.replace(with: try snapshot(metrics, gate: metrics == nil ? GateView(state: .open) : GateView(state: .frozen, causes: [cause])))
        if metrics != nil { box.update(notice: "version 43 is not served: it is worse.") }
        return box
    }

    private static func snapshot(_ metrics: MetricsSummary?, gate: GateView) throws -> Snapshot {
        let specification = try SurfaceSamples.settings().specification()
        var learner = Learner(specification.learner)
        let batch = SurfaceSamples.batch(SurfaceSamples.events, specification).batch
        for row in 0..<batch.count { _ = learner.learn(row, of: batch) }
        return Snapshot(
            modelName: "flowers", version: [42], model: learner.snapshot(), schema: specification.events,
            digest: String(repeating: "ab", count: 16), createdAt: 1_388_534_400_000, inputWatermark: 1_388_534_398_500, metrics: metrics,
            window: metrics, gate: gate,
            fields: [
                FieldDescription(path: "country", datatype: .text), FieldDescription(path: "price", datatype: .number),
                FieldDescription(path: "returning", datatype: .boolean),
            ])
    }
}
