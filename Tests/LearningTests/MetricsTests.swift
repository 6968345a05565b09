import Foundation
import Learning
import Testing

struct MetricsTests {
    struct Observation {
        var prediction: Float
        var label: Float
        var weight: Float
    }

    static func observations(_ task: PredictionTask, count: Int, seed: UInt64) -> [Observation] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let margin = generator.normal() * 1.5 - 1
            let weight = Float.random(in: 0.5..<2, using: &generator)
            guard task == .binary else {
                return Observation(prediction: Float(40 + 9 * margin), label: Float(41 + 8 * margin + generator.normal()), weight: weight)
            }
            let isOne = Double.random(in: 0..<1, using: &generator) < margin.logistic
            return Observation(prediction: Float(margin.logistic), label: isOne ? 1 : 0, weight: weight)
        }
    }

    static func metrics(_ observations: some Sequence<Observation>, _ task: PredictionTask) -> ProgressiveMetrics {
        var metrics = ProgressiveMetrics(task: task)
        for one in observations { metrics.observe(prediction: one.prediction, label: one.label, weight: one.weight) }
        return metrics
    }

    @Test(arguments: [51, 52, 53] as [UInt64])
    func `Binary metrics equal a plain calculation over all events`(seed: UInt64) throws {
        let all = Self.observations(.binary, count: 1_500, seed: seed)
        let summary = Self.metrics(all, .binary).summary
        func mean(_ value: (Observation) -> Double) -> Double {
            all.reduce(0) { $0 + Double($1.weight) * value($1) } / all.reduce(0) { $0 + Double($1.weight) }
        }
        func close(_ found: Double?, _ expected: Double) -> Bool { abs((found ?? .infinity) - expected) < 1e-9 }
        let rate = mean { Double($0.label) }
        let loss = mean { -($0.label == 1 ? Double($0.prediction) : 1 - Double($0.prediction)).naturalLogarithm }
        let entropy = -rate * rate.naturalLogarithm - (1 - rate) * (1 - rate).naturalLogarithm
        #expect(summary.examples == 1_500)
        #expect(close(summary.logLoss, loss), "seed \(seed)")
        #expect(close(summary.normalizedEntropy, loss / entropy), "seed \(seed)")
        #expect(close(summary.accuracy, mean { ($0.prediction > 0.5) == ($0.label == 1) ? 1 : 0 }), "seed \(seed)")
        #expect(close(summary.calibration, mean { Double($0.prediction) } / rate), "seed \(seed)")
        #expect(summary.rmse == nil && summary.mae == nil && summary.meanLoss == nil)
    }

    @Test(arguments: [54, 55, 56] as [UInt64])
    func `The area under the curve is within 0.002 of the share of rightly ordered pairs`(seed: UInt64) throws {
        let all = Self.observations(.binary, count: 1_200, seed: seed)
        var right = 0.0
        var pairs = 0.0
        for one in all where one.label == 1 {
            for zero in all where zero.label == 0 {
                let weight = Double(one.weight * zero.weight)
                pairs += weight
                right += weight * (one.prediction > zero.prediction ? 1 : one.prediction == zero.prediction ? 0.5 : 0)
            }
        }
        let area = try #require(Self.metrics(all, .binary).summary.auc)
        #expect(abs(area - right / pairs) < 0.002, "seed \(seed)")
    }

    @Test func `Perfect, reversed and constant rankings have areas 1, 0 and one half`() {
        func area(_ predictions: [Float]) -> Double? {
            Self.metrics(zip(predictions, [0, 0, 1, 1]).map { Observation(prediction: $0, label: $1, weight: 1) }, .binary).summary.auc
        }
        #expect(area([0, 0.2, 0.7, 1]) == 1)
        #expect(area([1, 0.7, 0.2, 0]) == 0)
        #expect(area([0.3, 0.3, 0.3, 0.3]) == 0.5)
    }

    @Test(arguments: [57, 58] as [UInt64])
    func `Regression metrics equal a plain calculation over all events`(seed: UInt64) throws {
        let all = Self.observations(.regression, count: 1_500, seed: seed)
        let metrics = Self.metrics(all, .regression)
        let weight = all.reduce(0) { $0 + Double($1.weight) }
        let squared = all.reduce(0) { $0 + Double($1.weight) * pow(Double($1.prediction) - Double($1.label), 2) } / weight
        let absolute = all.reduce(0) { $0 + Double($1.weight) * abs(Double($1.prediction) - Double($1.label)) } / weight
        let mean = all.reduce(0) { $0 + Double($1.weight) * Double($1.label) } / weight
        let spread = all.reduce(0) { $0 + Double($1.weight) * pow(Double($1.label) - mean, 2) } / weight
        #expect(abs(try #require(metrics.summary.rmse) - squared.squareRoot()) < 1e-9, "seed \(seed)")
        #expect(abs(try #require(metrics.summary.mae) - absolute) < 1e-9, "seed \(seed)")
        #expect(abs(try #require(metrics.summary.meanLoss) - squared / 2) < 1e-9, "seed \(seed)")
        #expect(abs(try #require(metrics.constantRMSE) - spread.squareRoot()) < 1e-6, "seed \(seed)")
        #expect(metrics.summary.logLoss == nil && metrics.summary.auc == nil && metrics.summary.calibration == nil)
    }

    @Test(arguments: PredictionTask.allCases)
    func `Merged halves equal the whole, and JSON brings back the same metrics`(task: PredictionTask) throws {
        // Weights of one, so that the order of adding cannot round differently.
        let all = Self.observations(task, count: 900, seed: 59).map { Observation(prediction: $0.prediction, label: $0.label, weight: 1) }
        let whole = Self.metrics(all, task)
        var merged = Self.metrics(all[..<400], task)
        merged.merge(Self.metrics(all[400...], task))
        #expect(merged.examples == 900)
        #expect(merged.summary.auc == whole.summary.auc)
        #expect(abs((merged.summary.logLoss ?? 0) - (whole.summary.logLoss ?? 0)) < 1e-12)
        #expect(abs((merged.summary.rmse ?? 0) - (whole.summary.rmse ?? 0)) < 1e-12)
        #expect(try JSONDecoder().decode(ProgressiveMetrics.self, from: JSONEncoder().encode(whole)) == whole)
    }

    @Test func `What is undefined is absent from the JSON, and the rest has the documented keys`() throws {
        func keys(_ metrics: ProgressiveMetrics) throws -> Set<String> {
            let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(metrics.summary))
            return Set(try #require(object as? [String: Any]).keys)
        }
        #expect(try keys(ProgressiveMetrics(task: .binary)) == ["examples", "weight"])
        #expect(try keys(ProgressiveMetrics(task: .regression)) == ["examples", "weight"])
        var zeros = ProgressiveMetrics(task: .binary)
        zeros.observe(prediction: 0.25, label: 0, weight: 1)
        #expect(try keys(zeros) == ["examples", "weight", "logLoss", "accuracy"])
        zeros.observe(prediction: 0.25, label: 1, weight: 1)
        #expect(
            try keys(zeros) == ["examples", "weight", "logLoss", "normalizedEntropy", "auc", "accuracy", "calibration"])
        var regression = ProgressiveMetrics(task: .regression)
        regression.observe(prediction: 3, label: 5, weight: 2)
        #expect(try keys(regression) == ["examples", "weight", "rmse", "mae", "meanLoss"])
    }

    @Test(arguments: PredictionTask.allCases)
    func `Metrics stay finite whatever is observed`(task: PredictionTask) throws {
        var metrics = ProgressiveMetrics(task: task)
        for number in [Float.nan, .infinity, -.infinity, 0, 1, -1, 3e38, -3e38] {
            metrics.observe(prediction: number, label: 0, weight: 1)
            metrics.observe(prediction: 0, label: number, weight: 1)
            metrics.observe(prediction: 0.5, label: 1, weight: number)
        }
        let summary = metrics.summary
        let values = [summary.logLoss, summary.auc, summary.accuracy, summary.calibration, summary.rmse, summary.mae, summary.meanLoss]
        let areFinite = values.compactMap { $0 }.allSatisfy(\.isFinite)
        #expect(areFinite)
        #expect(throws: Never.self) { try JSONEncoder().encode(metrics) }
    }

    @Test func `A million events' metrics stay a few kilobytes of JSON`() throws {
        var metrics = ProgressiveMetrics(task: .binary)
        for one in Self.observations(.binary, count: 3_000, seed: 60) {
            metrics.observe(prediction: one.prediction, label: one.label, weight: 1)
        }
        #expect(try JSONEncoder().encode(metrics).count < 6_000)
    }

    @Test func `Windows close at their length, the newest are kept, and the total goes on`() {
        var windows = WindowedMetrics(task: .regression, windowLength: 10, keepLast: 3)
        for event in 0..<57 { windows.observe(prediction: 0, label: Float(event / 10), weight: 1) }
        #expect(windows.completedCount == 5)
        #expect(windows.completed.map(\.mae) == [2, 3, 4])
        #expect(windows.lastWindow?.mae == 4)
        #expect(windows.current.examples == 7)
        #expect(windows.total.examples == 57)
    }

    @Test func `The no-change baseline predicts the last label with the share of repeats so far`() {
        var binary = NoChangeBaseline(task: .binary)
        let predictions = [1, 1, 0, 0, 1].map { binary.predictThenObserve(label: $0, weight: 1) }
        #expect(predictions == [0.5, 0.5, Float(2.0 / 3), 1 - Float(2.0 / 4), 1 - Float(3.0 / 5)])
        var regression = NoChangeBaseline(task: .regression)
        #expect([7, 8.5, 3].map { regression.predictThenObserve(label: $0, weight: 1) } == [0, 7, 8.5])
    }

    @Test func `The running-mean baseline predicts the weighted mean of the labels before`() {
        var binary = RunningMeanBaseline(task: .binary)
        #expect([1, 1, 0].map { binary.predictThenObserve(label: $0, weight: 1) } == [0.5, Float(2.0 / 3), 0.75])
        var regression = RunningMeanBaseline(task: .regression)
        #expect(regression.predictThenObserve(label: 10, weight: 3) == 0)
        #expect(regression.predictThenObserve(label: 2, weight: 1) == 10)
        #expect(regression.predictThenObserve(label: 0, weight: 1) == 8)
    }
}
