import Learning
import Testing

struct LinearModelTests {
    @Test(arguments: PredictionTask.allCases, [3, 600])
    func `Snapshot and model from pages predict the learner's bits`(task: PredictionTask, events: Int) throws {
        let batch = ExampleBatch(TestEvent.stream(task, count: 800, seed: 41))
        var specification = LearnerSpecification(task: task, bits: 13)
        specification.ftrl.lambda1 = 0.2
        var learner = Learner(specification)
        for row in 0..<events { learner.learn(row, of: batch) }
        let snapshot = learner.snapshot()
        var pages: [Int: [UInt8]] = [:]
        for page in 0..<learner.pageCount { pages[page] = learner.page(page) }
        let model = try LinearModel(specification: learner.specification, globals: learner.globals, pages: pages)
        for row in 0..<batch.count {
            let expected = learner.prediction(of: row, in: batch).bitPattern
            #expect(snapshot.prediction(of: row, in: batch).bitPattern == expected)
            #expect(model.prediction(of: row, in: batch).bitPattern == expected)
        }
        #expect(model.isFinite)
    }

    @Test func `A snapshot stays as it was while the learner goes on`() {
        let batch = ExampleBatch(TestEvent.stream(.binary, count: 400, seed: 42))
        var learner = Learner(LearnerSpecification(task: .binary, bits: 8))
        for row in 0..<200 { learner.learn(row, of: batch) }
        let snapshot = learner.snapshot()
        let before = snapshot.prediction(of: 0, in: batch)
        for row in 200..<400 { learner.learn(row, of: batch) }
        #expect(snapshot.prediction(of: 0, in: batch) == before)
        #expect(learner.prediction(of: 0, in: batch) != before)
    }

    @Test func `A page that was never touched may be absent, and one the model does not have is refused`() throws {
        let specification = LearnerSpecification(task: .binary, bits: 14)
        let batch = ExampleBatch(TestEvent.stream(.binary, count: 40, seed: 45))
        var learner = Learner(specification)
        for row in 0..<batch.count { learner.learn(row, of: batch) }
        var pages: [Int: [UInt8]] = [:]
        for index in learner.takeDirtyPages() { pages[index] = learner.page(index) }
        let model = try LinearModel(specification: specification, globals: learner.globals, pages: pages)
        #expect((0..<batch.count).allSatisfy { model.prediction(of: $0, in: batch) == learner.prediction(of: $0, in: batch) })
        pages[4] = pages.values.first
        let error = #expect(throws: LearningError.self) {
            try LinearModel(specification: specification, globals: learner.globals, pages: pages)
        }
        #expect(error?.code == .pageUnknown)
    }

    @Test(arguments: PredictionTask.allCases)
    func `The average of models has the mean of their margins or values, though each has its own scales`(task: PredictionTask) {
        let models = (0..<3).map { index in
            var learner = Learner(LearnerSpecification(task: task, bits: 7))
            // Units that differ, so that the scales of the label and, by the order of events, of the numbers differ too.
            let batch = ExampleBatch(TestEvent.stream(task, count: 500 + 200 * index, seed: 43, unit: Double(index + 1)))
            for row in 0..<batch.count { learner.learn(row, of: batch) }
            return learner.snapshot()
        }
        let average = LinearModel.average(models)
        let batch = ExampleBatch(TestEvent.stream(task, count: 200, seed: 44))
        for row in 0..<batch.count {
            let values = models.map { task == .binary ? $0.margin(of: row, in: batch) : $0.prediction(of: row, in: batch) }
            let expected = values.reduce(0, +) / 3
            let found = task == .binary ? average.margin(of: row, in: batch) : average.prediction(of: row, in: batch)
            #expect(abs(found - expected) < 1e-4 * max(1, abs(expected)))
        }
    }

    @Test func `The average of one model is the model`() {
        let batch = ExampleBatch(TestEvent.stream(.regression, count: 300, seed: 45))
        var learner = Learner(LearnerSpecification(task: .regression, bits: 7))
        for row in 0..<batch.count { learner.learn(row, of: batch) }
        let average = LinearModel.average([learner.snapshot()])
        for row in 0..<batch.count {
            #expect(average.prediction(of: row, in: batch).bitPattern == learner.prediction(of: row, in: batch).bitPattern)
        }
    }

    @Test(arguments: [1e-3, 30, 300_000])
    func `A regression on raw labels of any unit explains nearly all of their spread`(unit: Double) throws {
        let batch = ExampleBatch(TestEvent.stream(.regression, count: 4_000, seed: 46, unit: unit))
        var learner = Learner(LearnerSpecification(task: .regression, bits: 8))
        var metrics = ProgressiveMetrics(task: .regression)
        for row in 0..<batch.count {
            let prediction = learner.learn(row, of: batch)
            if row >= 2_000 { metrics.observe(prediction: prediction, label: batch.labels[row], weight: 1) }
        }
        // The noise alone is 0.3 of a unit; the labels spread over about 1.8.
        #expect(try #require(metrics.summary.rmse) < 0.33 * unit)
        #expect(try #require(metrics.constantRMSE) > 1.2 * unit)
    }

    @Test(arguments: [
        ("bits", LearnerSpecification(task: .binary, bits: 3)), ("bits", LearnerSpecification(task: .binary, bits: 29)),
        ("influence", LearnerSpecification(task: .binary, influence: 0)),
        ("influence", LearnerSpecification(task: .binary, influence: .nan)),
    ])
    func `A specification that makes no learner is refused by the parameter's name`(name: String, specification: LearnerSpecification) {
        let error = #expect(throws: LearningError.self) { try specification.validate() }
        #expect(error?.code == .specificationInvalid)
        #expect(error?.message.contains("the learner's \(name) is") == true)
    }
}
