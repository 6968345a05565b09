import Learning
import Testing

struct LanesTests {
    private func learner(_ events: [TestEvent]) -> Learner {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 8))
        for event in events { learner.learn(0, of: ExampleBatch([event])) }
        return learner
    }

    @Test(arguments: [UInt16(2), 3, 4]) func `a learner that becomes one of several predicts what it predicted`(lanes: UInt16) {
        let events = TestEvent.stream(.binary, count: 2_000, seed: 5)
        var learner = learner(events)
        let before = events.suffix(100).map { learner.prediction(of: 0, in: ExampleBatch([$0])) }
        learner.divide(among: lanes)
        for (event, prediction) in zip(events.suffix(100), before) {
            #expect(abs(learner.prediction(of: 0, in: ExampleBatch([event])) - prediction) < 1e-5)
        }
        #expect(!learner.takeDirtyPages().isEmpty)
    }

    @Test func `a lane is restored as a lane`() throws {
        let events = TestEvent.stream(.binary, count: 500, seed: 6)
        var lane = learner(events)
        lane.divide(among: 3)
        var restored = Learner(lane.specification)
        restored.restore(lane.globals)
        for index in 0..<lane.pageCount { try restored.load(page: index, from: lane.page(index)) }
        let next = ExampleBatch([events[7]])
        #expect(lane.learn(0, of: next) == restored.learn(0, of: next))
        #expect(lane.margin(of: 0, in: next) == restored.margin(of: 0, in: next))
        let model = lane.snapshot()
        #expect(model.margin(of: 0, in: next) == lane.margin(of: 0, in: next))
    }

    @Test(arguments: [2, 4]) func `the average of lanes is as good as one learner of all events`(count: Int) {
        let specification = LearnerSpecification(task: .binary, bits: 8)
        var one = LearnerLanes(specification, count: 1)
        var several = LearnerLanes(specification, count: count)
        var (loss, lossOfSeveral) = (ProgressiveMetrics(task: .binary), ProgressiveMetrics(task: .binary))
        for event in TestEvent.stream(.binary, count: 20_000, seed: 7) {
            let batch = ExampleBatch([event])
            loss.observe(prediction: one.learn(0, of: batch), label: event.label, weight: 1)
            lossOfSeveral.observe(prediction: several.learn(0, of: batch), label: event.label, weight: 1)
        }
        let (alone, together) = (loss.summary.logLoss ?? 0, lossOfSeveral.summary.logLoss ?? 0)
        #expect(together < alone * 1.01, "\(together) against \(alone)")
    }
}
