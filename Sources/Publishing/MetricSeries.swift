import CoreMetrics
import Synchronization

/// All series of one name.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let kind: Kind
    var series: [MetricLabels: any MetricSeries] = [:]
}

/// The labels of a series, sorted by name.
struct MetricLabels: Hashable, Sendable {
    struct Label: Hashable, Sendable {
        var name: String
        var value: String
    }

    let labels: [Label]

    private init(sorted labels: [Label]) {
        self.labels = labels
    }

    init(_ dimensions: [(String, String)]) {
        labels = dimensions.map { Label(name: PrometheusText.labelName($0.0), value: $0.1) }.sorted { $0.name < $1.name }
    }

    /// The series for all label sets beyond the limit.
    var overflowed: MetricLabels {
        MetricLabels(sorted: labels.map { Label(name: $0.name, value: "overflow") })
    }
}

protocol MetricSeries: AnyObject, Sendable {
    static var kind: MetricFamily.Kind { get }
    /// The series' lines of the text format.
    func lines(_ name: String, _ labels: MetricLabels) -> String
}

/// A Double that threads add to without a lock.
final class AtomicDouble: Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}

final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    static let kind = MetricFamily.Kind.counter
    private let total = AtomicDouble()

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        // Counters only rise; NaN and negative amounts are no events.
        if amount > 0, amount.isFinite { total.add(amount) }
    }

    func reset() { total.set(0) }

    func lines(_ name: String, _ labels: MetricLabels) -> String {
        PrometheusText.sample(name, labels, total.value)
    }
}

final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    static let kind = MetricFamily.Kind.gauge
    private let level = AtomicDouble()

    func set(_ value: Int64) { level.set(Double(value)) }
    func set(_ value: Double) { level.set(value) }
    func increment(by amount: Double) { level.add(amount) }
    func decrement(by amount: Double) { level.add(-amount) }
    func record(_ value: Int64) { level.set(Double(value)) }
    func record(_ value: Double) { level.set(value) }

    func lines(_ name: String, _ labels: MetricLabels) -> String {
        PrometheusText.sample(name, labels, level.value)
    }
}

final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        var counts: [Int]
        var sum = 0.0
    }

    static let kind = MetricFamily.Kind.histogram
    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: upper bounds of the buckets, ascending; one without a bound follows.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func lines(_ name: String, _ labels: MetricLabels) -> String {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var text = ""
        var cumulative = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            cumulative += count
            text += PrometheusText.sample(name + "_bucket", labels, Double(cumulative), upTo: bound)
        }
        text += PrometheusText.sample(name + "_sum", labels, sum)
        text += PrometheusText.sample(name + "_count", labels, Double(cumulative))
        return text
    }
}
