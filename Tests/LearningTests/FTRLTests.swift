import Learning
import Testing

struct FTRLTests {
    static let seeds: [UInt64] = [1, 2, 3]

    /// Float keeps 24 bits, a relative error of 6e-8 a step. A margin of about 1 is the sum of ten weights, each the fraction of two sums of
    /// thousands of steps whose errors mostly cancel: some 1e-6. A wrong sign or a missing term makes 1e-2 and more.
    static let tolerance = 2e-5

    @Test(arguments: seeds, PredictionTask.allCases)
    func `With L1, L2, beta and importance weights on, every margin agrees with the paper's algorithm in Double`(
        seed: UInt64, task: PredictionTask
    ) {
        var specification = LearnerSpecification(task: task, bits: 6, influence: 1e9)
        specification.ftrl.alpha = 0.15
        specification.ftrl.beta = 1.3
        specification.ftrl.lambda1 = 0.8
        specification.ftrl.lambda2 = 2.5
        var learner = Learner(specification)
        var reference = FTRLReference(task: task, parameters: specification.ftrl)
        var generator = SeededGenerator(seed: seed &+ 100)
        var worst = 0.0
        for var event in TestEvent.stream(task, count: 3_000, seed: seed) {
            event.weight = Float.random(in: 0.2..<4, using: &generator)
            if generator.next() % 4 == 0 { event.features.append(event.features[0]) }
            let batch = ExampleBatch([event])
            worst = max(worst, abs(Double(learner.margin(of: 0, in: batch)) - reference.margin(event)))
            learner.learn(0, of: batch)
            reference.learn(event)
        }
        #expect(worst < Self.tolerance, "seed \(seed)")
        #expect(learner.globals.limitedUpdates == 0 && learner.globals.clippedValues == 0 && learner.globals.clippedWeights == 0)
    }

    @Test func `A weight whose |z| falls to lambda1 or below is exactly zero again`() {
        var specification = LearnerSpecification(task: .binary, bits: 4, influence: 100)
        specification.ftrl.lambda1 = 1.5
        var learner = Learner(specification)
        var weights: [Float] = []
        for step in 0..<400 {
            // Label 1 whenever the feature is there, then 0 until it has been unlearnt.
            let with = TestEvent(features: [(3, 1)], label: step < 40 ? 1 : 0)
            let without = TestEvent(features: [], label: step < 40 ? 0 : 1)
            let batch = ExampleBatch([with, without])
            learner.learn(0, of: batch)
            learner.learn(1, of: batch)
            weights.append(learner.margin(of: 0, in: batch) - learner.margin(of: 1, in: batch))
        }
        let learnt = weights.firstIndex { $0 > 0 }
        let forgotten = learnt.flatMap { weights[$0...].firstIndex(of: 0) }
        let reversed = forgotten.flatMap { weights[$0...].firstIndex { $0 < 0 } }
        #expect(weights[0] == 0)
        #expect(learnt != nil && forgotten != nil && reversed != nil)
    }

    @Test func `L1 leaves features without information at exactly zero and keeps the one with`() throws {
        var specification = LearnerSpecification(task: .binary, bits: 8)
        specification.ftrl.lambda1 = 60
        var learner = Learner(specification)
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<5_000 {
            let label = Bool.random(using: &generator)
            var features: [(slot: UInt32, value: Float)] = label || generator.next() % 5 == 0 ? [(0, 1)] : []
            features.append((UInt32.random(in: 1..<200, using: &generator), 1))
            learner.learn(0, of: ExampleBatch([TestEvent(features: features, label: label ? 1 : 0)]))
        }
        let base = learner.margin(of: 0, in: ExampleBatch([TestEvent(features: [], label: 0)]))
        let margins = (0..<200).map { learner.margin(of: 0, in: ExampleBatch([TestEvent(features: [($0, 1)], label: 0)])) }
        #expect(margins[0] > base)
        #expect(margins[1...].allSatisfy { $0 == base })
    }

    @Test(arguments: [0.25, 0.5, 2, 3, 7] as [Float])
    func `An importance weight multiplies the first gradient, so z grows by it and n by its square`(weight: Float) {
        func firstSlot(_ weight: Float) -> (z: Float, n: Float) {
            var learner = Learner(LearnerSpecification(task: .binary, bits: 4, influence: 1e6))
            learner.learn(0, of: ExampleBatch([TestEvent(features: [(0, 1)], label: 1, weight: weight)]))
            let words = (0..<2).map { word in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(learner.page(0)[word * 4 + $1]) << UInt32(8 * $1) }
            }
            return (Float(bitPattern: words[0]), Float(bitPattern: words[1]))
        }
        let (one, weighted) = (firstSlot(1), firstSlot(weight))
        #expect(one == (-0.5, 0.25))
        #expect(weighted == (-0.5 * weight, 0.25 * weight * weight))
    }

    @Test func `A heavier example moves the model at least as far, and never further than so many light ones`() {
        func margin(weight: Float, times: Int) -> Float {
            var learner = Learner(LearnerSpecification(task: .binary, bits: 4, influence: 1e6))
            let batch = ExampleBatch([TestEvent(features: [(0, 1), (1, 1)], label: 1, weight: weight)])
            for _ in 0..<times { learner.learn(0, of: batch) }
            return learner.margin(of: 0, in: batch)
        }
        let single = [1, 2, 3, 5, 8].map { margin(weight: $0, times: 1) }
        #expect(zip(single, single.dropFirst()).allSatisfy { $0 < $1 })
        for count in [2, 3, 5, 8] { #expect(margin(weight: Float(count), times: 1) < margin(weight: 1, times: count)) }
    }
}
