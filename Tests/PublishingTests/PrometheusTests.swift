import CoreMetrics
import Dispatch
@testable import Publishing
import Testing

@Suite("Prometheus text")
struct PrometheusTests {
    @Test func everyKindIsShownSortedWithHelpTypeAndEscapes() {
        let registry = PrometheusRegistry()
        registry.describe("freshet_events_total", "Events \\ taken,\nby result.")
        Counter(label: "freshet_events_total", dimensions: [("topic", "a\"b\\c\nd"), ("result", "learnt")], factory: registry).increment(
            by: 3)
        Counter(label: "freshet_events_total", dimensions: [("result", "learnt"), ("topic", "z")], factory: registry).increment()
        Gauge(label: "freshet.lag-events", factory: registry).record(12)
        Meter(label: "2nd_level", factory: registry).set(0.5)
        FloatingPointCounter(label: "freshet_seconds_total", factory: registry).increment(by: 1.25)
        Timer(label: "freshet_step_seconds", factory: registry).recordNanoseconds(2_000_000)
        Timer(label: "freshet_step_seconds", factory: registry).recordNanoseconds(30_000_000_000)
        #expect(registry.text() == Self.golden)
    }

    static let golden = #"""
        # TYPE _2nd_level gauge
        _2nd_level 0.5
        # HELP freshet_events_total Events \\ taken,\nby result.
        # TYPE freshet_events_total counter
        freshet_events_total{result="learnt",topic="a\"b\\c\nd"} 3
        freshet_events_total{result="learnt",topic="z"} 1
        # TYPE freshet_lag_events gauge
        freshet_lag_events 12
        # TYPE freshet_seconds_total counter
        freshet_seconds_total 1.25
        # TYPE freshet_step_seconds histogram
        freshet_step_seconds_bucket{le="0.0005"} 0
        freshet_step_seconds_bucket{le="0.001"} 0
        freshet_step_seconds_bucket{le="0.0025"} 1
        freshet_step_seconds_bucket{le="0.005"} 1
        freshet_step_seconds_bucket{le="0.01"} 1
        freshet_step_seconds_bucket{le="0.025"} 1
        freshet_step_seconds_bucket{le="0.05"} 1
        freshet_step_seconds_bucket{le="0.1"} 1
        freshet_step_seconds_bucket{le="0.25"} 1
        freshet_step_seconds_bucket{le="0.5"} 1
        freshet_step_seconds_bucket{le="1"} 1
        freshet_step_seconds_bucket{le="2.5"} 1
        freshet_step_seconds_bucket{le="5"} 1
        freshet_step_seconds_bucket{le="10"} 1
        freshet_step_seconds_bucket{le="+Inf"} 2
        freshet_step_seconds_sum 30.002
        freshet_step_seconds_count 2

        """#

    @Test func recorderIsAHistogramAndNumbersThatAreNoneAreLeftOut() {
        let registry = PrometheusRegistry()
        let recorder = Recorder(label: "batch", factory: registry)
        recorder.record(50)
        recorder.record(Double.nan)
        recorder.record(Double.infinity)
        let text = registry.text()
        #expect(text.contains("batch_bucket{le=\"10\"} 0\nbatch_bucket{le=\"100\"} 1\n"))
        #expect(text.hasSuffix("batch_sum 50\nbatch_count 1\n"))
    }

    @Test func gaugeShowsWhatCannotBeANumber() {
        let registry = PrometheusRegistry()
        Gauge(label: "a", factory: registry).record(Double.nan)
        Gauge(label: "b", factory: registry).record(-Double.infinity)
        #expect(registry.text().contains("a NaN\n"))
        #expect(registry.text().contains("b -Inf\n"))
    }

    @Test func countersNeverFall() {
        let registry = PrometheusRegistry()
        let counter = FloatingPointCounter(label: "a", factory: registry)
        counter.increment(by: 2)
        counter.increment(by: -1)
        counter.increment(by: Double.nan)
        #expect(registry.text() == "# TYPE a counter\na 2\n")
    }

    @Test func labelSetsBeyondTheLimitShareOneSeries() {
        let registry = PrometheusRegistry(seriesLimit: 2)
        for value in 0..<5 { Counter(label: "a", dimensions: [("value", "\(value)")], factory: registry).increment() }
        #expect(
            registry.text() == """
                # TYPE a counter
                a{value="0"} 1
                a{value="1"} 1
                a{value="overflow"} 3

                """)
    }

    @Test func nameInUseForAnotherKindIsNotShownTwice() {
        let registry = PrometheusRegistry()
        Counter(label: "a", factory: registry).increment()
        Gauge(label: "a", factory: registry).record(7)
        #expect(registry.text() == "# TYPE a counter\na 1\n")
    }

    @Test func destroyedSeriesAreGone() {
        let registry = PrometheusRegistry()
        let counter = registry.makeCounter(label: "a", dimensions: [])
        counter.increment(by: 1)
        registry.destroyCounter(counter)
        #expect(registry.text() == "")
    }

    @Test func collectorsRunAtEveryScrape() {
        let registry = PrometheusRegistry()
        registry.onScrape { registry in Counter(label: "scrapes_total", factory: registry).increment() }
        _ = registry.text()
        #expect(registry.text().hasSuffix("scrapes_total 2\n"))
    }

    @Test func concurrentIncrementsAreAllCounted() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 { Counter(label: "a", factory: registry).increment() }
                }
            }
        }
        #expect(registry.text().hasSuffix("a 80000\n"))
    }
}
