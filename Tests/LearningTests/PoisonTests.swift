import Learning
import Testing

/// One event that a broken producer could send, made from a good one.
enum Poison: String, CaseIterable {
    case value1e20, valueMinus1e20, value3e38, valueInfinite, valueNaN, allValues3e38, manyRepeats
    case weight1e30, weightLargest, weightInfinite, weightNaN, weightZero
    case label1e30, labelLargest, labelInfinite, labelNaN
    case everything

    func applied(to good: TestEvent) -> TestEvent {
        var event = good
        let last = event.features.count - 1
        switch self {
        case .value1e20: event.features[last].value = 1e20
        case .valueMinus1e20: event.features[last].value = -1e20
        case .value3e38: event.features[last].value = 3e38
        case .valueInfinite: event.features[last].value = .infinity
        case .valueNaN: event.features[last].value = .nan
        case .allValues3e38: event.features = event.features.map { ($0.slot, 3e38) }
        case .manyRepeats: event.features += (0..<10_000).map { _ in good.features[0] }
        case .weight1e30: event.weight = 1e30
        case .weightLargest: event.weight = .greatestFiniteMagnitude
        case .weightInfinite: event.weight = .infinity
        case .weightNaN: event.weight = .nan
        case .weightZero: event.weight = 0
        case .label1e30: event.label = 1e30
        case .labelLargest: event.label = -.greatestFiniteMagnitude
        case .labelInfinite: event.label = .infinity
        case .labelNaN: event.label = .nan
        case .everything:
            event.features = event.features.map { ($0.slot, -3e38) }
            event.weight = 1e30
            event.label = 1e30
        }
        return event
    }
}

struct PoisonTests {
    @Test(arguments: Poison.allCases, [0, 1_500])
    func `2,000 good events after one poisoned event the log loss is within 1 % of a model that never met it`(
        poison: Poison, position: Int
    ) throws {
        let clean = try #require(Self.cleanBinary.loss[position]?.logLoss)
        let poisoned = try #require(Self.cleanBinary.summary(poison, at: position).logLoss)
        #expect(poisoned <= clean * 1.01)
    }

    @Test(arguments: Poison.allCases, [0, 1_500])
    func `2,000 good events after one poisoned event the RMSE is within 1 % of a model that never met it`(
        poison: Poison, position: Int
    ) throws {
        let clean = try #require(Self.cleanRegression.loss[position]?.rmse)
        let poisoned = try #require(Self.cleanRegression.summary(poison, at: position).rmse)
        #expect(poisoned <= clean * 1.01)
    }

    @Test(arguments: Poison.allCases)
    func `Whatever the poison, the state stays finite and a clip is counted`(poison: Poison) throws {
        let good = TestEvent.stream(.binary, count: 300, seed: 5)
        var learner = Learner(LearnerSpecification(task: .binary, bits: 6))
        for event in good { learner.learn(0, of: ExampleBatch([event])) }
        let before = learner.globals
        learner.learn(0, of: ExampleBatch([poison.applied(to: good[7])]))
        let after = learner.globals
        let counted = [
            after.clippedValues - before.clippedValues, after.clippedWeights - before.clippedWeights,
            after.clippedLabels - before.clippedLabels, after.limitedUpdates - before.limitedUpdates,
        ]
        #expect(counted.contains { $0 > 0 })
        #expect(learner.snapshot().isFinite)
        var copy = Learner(learner.specification)
        for page in 0..<learner.pageCount { try copy.load(page: page, from: learner.page(page)) }
    }

    @Test(arguments: [0.1, 1] as [Float], [11, 12, 13] as [UInt64])
    func `No event of indicators moves its own margin by more than the influence bound`(influence: Float, seed: UInt64) {
        var specification = LearnerSpecification(task: .binary, bits: 5, influence: influence)
        specification.ftrl.alpha = 2
        specification.ftrl.lambda1 = 0.3
        var learner = Learner(specification)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<3_000 {
            let count = Int.random(in: 0..<60, using: &generator)
            let event = TestEvent(
                features: (0..<count).map { _ in (UInt32.random(in: 0..<32, using: &generator), 1) },
                label: Bool.random(using: &generator) ? 1 : 0, weight: Float.random(in: 0.01..<200, using: &generator))
            let batch = ExampleBatch([event])
            let before = learner.margin(of: 0, in: batch)
            learner.learn(0, of: batch)
            let moved = abs(learner.margin(of: 0, in: batch) - before)
            // Rounding of a margin of some tens, summed over up to sixty terms.
            #expect(moved <= influence * 1.001 + 1e-4, "seed \(seed)")
        }
        #expect(learner.globals.limitedUpdates > 0)
    }

    /// The step is bounded in any case; this is about n, which a gradient of hundreds would raise so far that nothing later counts.
    @Test func `An enormous importance weight does not slow down what is learnt after it`() {
        func movedAfterwards(poisoned: Bool) -> Float {
            var learner = Learner(LearnerSpecification(task: .binary, bits: 4))
            let batch = ExampleBatch([
                TestEvent(features: [(1, 1)], label: 0), TestEvent(features: [(1, 1)], label: 1),
                TestEvent(features: [(1, 1)], label: 1, weight: 1e30),
            ])
            for step in 0..<30_000 { learner.learn(step % 2, of: batch) }
            if poisoned { learner.learn(2, of: batch) }
            let start = learner.margin(of: 0, in: batch)
            for _ in 0..<200 { learner.learn(0, of: batch) }
            return start - learner.margin(of: 0, in: batch)
        }
        #expect(movedAfterwards(poisoned: true) > 0.8 * movedAfterwards(poisoned: false))
    }

    private static let cleanBinary = PoisonRun(task: .binary, positions: [0, 1_500])
    private static let cleanRegression = PoisonRun(task: .regression, positions: [0, 1_500])
}

/// One good stream, and the quality on its events 2,000 to 3,000 after each position when nothing was poisoned.
private struct PoisonRun {
    let task: PredictionTask
    let good: [TestEvent]
    let batch: ExampleBatch
    var loss: [Int: MetricsSummary] = [:]

    init(task: PredictionTask, positions: [Int]) {
        self.task = task
        good = TestEvent.stream(task, count: 3_000 + (positions.max() ?? 0), seed: 21)
        batch = ExampleBatch(good)
        for position in positions { loss[position] = summary(nil, at: position) }
    }

    func summary(_ poison: Poison?, at position: Int) -> MetricsSummary {
        var learner = Learner(LearnerSpecification(task: task, bits: 6))
        var metrics = ProgressiveMetrics(task: task)
        for index in 0..<position + 3_000 {
            if let poison, index == position { learner.learn(0, of: ExampleBatch([poison.applied(to: good[index])])) }
            let prediction = learner.learn(index, of: batch)
            if index >= position + 2_000 { metrics.observe(prediction: prediction, label: batch.labels[index], weight: 1) }
        }
        return metrics.summary
    }
}
