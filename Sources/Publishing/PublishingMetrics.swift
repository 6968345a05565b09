import Metrics
import Synchronization

/// The publisher's own figures.
final class PublishingMetrics: Sendable {
    private struct Key: Hashable {
        var route: String
        var status: Int
    }

    private struct Series {
        var requests: Counter
        var seconds: Metrics.Timer
    }

    private let registry: PrometheusRegistry
    private let series = Mutex<[Key: Series]>([:])
    private let predictions: Counter
    private let requestCount = Atomic<Int>(0)
    private let predictionCount = Atomic<Int>(0)

    /// - Parameters:
    ///   - box: what the gauges of the served version are read from at every scrape.
    ///   - now: milliseconds since 1970.
    init(registry: PrometheusRegistry, box: SnapshotBox, now: @escaping @Sendable () -> Int64) {
        self.registry = registry
        predictions = Counter(label: "freshet_predictions_total", factory: registry)
        registry.describe("freshet_predictions_total", "Predictions given.")
        registry.describe("freshet_http_requests_total", "HTTP requests answered, by route and status.")
        registry.describe("freshet_http_request_seconds", "Time from a request's head to its answer, by route and status.")
        registry.describe("freshet_served_version", "The version served, by lane.")
        registry.describe("freshet_served_age_seconds", "Seconds since the served version was written.")
        registry.describe(
            "freshet_served_input_watermark_seconds", "The newest event time the served version has learnt, in seconds since 1970.")
        registry.onScrape { registry in Self.readServed(box.current, now: now(), into: registry) }
    }

    var requestsAnswered: Int { requestCount.load(ordering: .relaxed) }
    var predictionsGiven: Int { predictionCount.load(ordering: .relaxed) }

    func answered(route: String, status: Int, in duration: Duration) {
        requestCount.add(1, ordering: .relaxed)
        let series = series(for: Key(route: route, status: status))
        series.requests.increment()
        series.seconds.record(duration: duration)
    }

    func predicted(_ count: Int) {
        predictionCount.add(count, ordering: .relaxed)
        predictions.increment(by: count)
    }

    private func series(for key: Key) -> Series {
        series.withLock { known in
            if let series = known[key] { return series }
            let dimensions = [("route", key.route), ("status", String(key.status))]
            let series = Series(
                requests: Counter(label: "freshet_http_requests_total", dimensions: dimensions, factory: registry),
                seconds: Metrics.Timer(
                    label: "freshet_http_request_seconds", dimensions: dimensions, preferredDisplayUnit: .seconds, factory: registry))
            known[key] = series
            return series
        }
    }

    private static func readServed(_ snapshot: Snapshot?, now: Int64, into registry: PrometheusRegistry) {
        guard let snapshot else { return }
        for (lane, version) in snapshot.version.enumerated() {
            Gauge(label: "freshet_served_version", dimensions: [("lane", String(lane))], factory: registry).record(version)
        }
        Gauge(label: "freshet_served_age_seconds", factory: registry).record(Double(max(0, now - snapshot.createdAt)) / 1_000)
        Gauge(label: "freshet_served_input_watermark_seconds", factory: registry).record(Double(snapshot.inputWatermark) / 1_000)
    }
}
