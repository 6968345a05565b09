import CoreMetrics
import HTTPTypes
import HummingbirdTesting
import Logging
@testable import Publishing
import Testing

@Suite("Life of a server")
struct ServerLifeTests {
    @Test func publisherBindsAFreePortAnswersAndEndsWithItsTask() async throws {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = Sample.server(onListening: { listening.yield($0) })
        let task = Task { try await server.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        #expect(port > 0)
        let status = try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
            try await client.get("/v2/health/ready").status
        }
        #expect(status == .ok)
        task.cancel()
        try await task.value
    }

    @Test func metricsServerShowsMetricsAndWhetherTheWorkGoesOn() async throws {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "freshet_ticks_total", dimensions: []).increment(by: 1)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        for isLive in [true, false] {
            let server = MetricsServer(host: "127.0.0.1", port: 0, registry: registry, logger: logger, isLive: { isLive })
            try await server.application().test(.router) { client in
                let metrics = try await client.execute(uri: "/metrics", method: .get)
                #expect(metrics.text == "# TYPE freshet_ticks_total counter\nfreshet_ticks_total 1\n")
                let live = try await client.execute(uri: "/health/live", method: .get)
                #expect(live.status == (isLive ? .ok : .serviceUnavailable))
                #expect(try await client.execute(uri: "/v1/model", method: .get).status == .notFound)
            }
        }
    }
}
