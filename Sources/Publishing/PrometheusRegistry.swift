public import CoreMetrics
import Synchronization

/// A swift-metrics backend that shows what it was told as Prometheus text.
///
/// Counters are counters, gauges and meters gauges, recorders and timers histograms with fixed buckets (timers in seconds, as
/// Prometheus wants its base units). Labels other than `[a-zA-Z0-9_:]` are mapped to `_`. Label sets are bounded: past `seriesLimit`
/// series of one name, further label sets share one series whose label values are all `overflow`, so that no caller can fill the
/// memory of this process or of the server that scrapes it.
public final class PrometheusRegistry: MetricsFactory {
    /// The content type of `text()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Upper bounds of the buckets for durations, in seconds.
    public static let durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Upper bounds of the buckets for everything else that is recorded.
    public static let sizeBuckets = [1.0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]

    struct State {
        var families: [String: MetricFamily] = [:]
        var help: [String: String] = [:]
        var collectors: [@Sendable (PrometheusRegistry) -> Void] = []
    }

    private let state = Mutex(State())
    private let seriesLimit: Int

    public init(seriesLimit: Int = 200) {
        self.seriesLimit = seriesLimit
    }

    /// Gives a metric its `HELP` line.
    public func describe(_ name: String, _ help: String) {
        state.withLock { $0.help[PrometheusText.name(name)] = help }
    }

    /// Has `collect` called before every scrape, for gauges that are cheaper to read than to keep up to date.
    public func onScrape(_ collect: @escaping @Sendable (PrometheusRegistry) -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// Everything known, in the Prometheus text format 0.0.4, sorted by name and labels.
    public func text() -> String {
        for collect in state.withLock({ $0.collectors }) { collect(self) }
        let (families, help) = state.withLock { ($0.families, $0.help) }
        return families.sorted { $0.key < $1.key }
            .map { name, family in PrometheusText.family(name, family, help: help[name]) }
            .joined()
    }

    /// The series of a metric, made on first use.
    ///
    /// A name that is already in use for another kind of metric gets a series nobody will see: a mistake in instrumentation must not
    /// stop the process, nor make the text contradict itself.
    private func series<Series: MetricSeries>(_ label: String, _ dimensions: [(String, String)], make: () -> Series) -> Series {
        let name = PrometheusText.name(label)
        let labels = MetricLabels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? MetricFamily(kind: Series.kind)
            guard family.kind == Series.kind else { return make() }
            let key = family.series[labels] == nil && family.series.count >= seriesLimit ? labels.overflowed : labels
            if let known = family.series[key] as? Series { return known }
            let made = make()
            family.series[key] = made
            state.families[name] = family
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let key = family.series.first(where: { $0.value === handler })?.key else { continue }
                state.families[name]?.series[key] = nil
            }
        }
    }
}

extension PrometheusRegistry {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) { CounterSeries() }
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, dimensions) { CounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { GaugeSeries() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return series(label, dimensions) { HistogramSeries(bounds: Self.sizeBuckets) } }
        return series(label, dimensions) { GaugeSeries() }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) { HistogramSeries(bounds: Self.durationBuckets) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
