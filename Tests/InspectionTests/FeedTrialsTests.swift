import Testing

@testable import Inspection

/// Seven hundred feeds, each with something wrong with it or nothing, and what the trainer makes of them.
@Suite struct FeedTrialsTests {
    /// What really is the matter.
    enum Cause: CaseIterable {
        case nothing, quietSpell, catchingUp, unusedPartition
        case allSilent, silentAfterACommit
        case someSilent
        case transactionHangs, transactionHangsInSilence, lastTransactionHangs
        case tooSlow, takesNothing
        case brokersGone, topicDeleted

        var label: FeedDiagnosis {
            switch self {
            case .nothing, .quietSpell, .catchingUp, .unusedPartition: .flowing
            case .allSilent, .silentAfterACommit: .upstreamSilent
            case .someSilent: .partitionSilent
            case .transactionHangs, .transactionHangsInSilence, .lastTransactionHangs: .hangingTransaction
            case .tooSlow, .takesNothing: .overload
            case .brokersGone: .brokerLost
            case .topicDeleted: .topicGone
            }
        }
    }

    private static let trials = 700

    /// Feeds that have flowed for as long as it takes to know their rhythm; each is the beginning of many trials.
    private static func warm(seed: UInt64) -> FeedScene {
        var random = SeededGenerator(seed: seed)
        let rates = (0..<(2 + random.below(5))).map { _ in random.between(6, 20) }
        var scene = FeedScene(rates: rates, commitEvery: seed % 2 == 0 ? random.between(1, 4) : nil, seed: seed)
        scene.pass(1_400)
        return scene
    }

    @Test func theCauseIsFoundInNinetyNineOfAHundredTrials() {
        let beginnings = (1...12).map { Self.warm(seed: $0) }
        for beginning in beginnings { #expect(beginning.diagnosis == .flowing) }
        var wrong: [String] = []
        var trials: [FeedDiagnosis: Int] = [:]
        for number in 0..<Self.trials {
            let cause = Cause.allCases[number % Cause.allCases.count]
            var random = SeededGenerator(seed: UInt64(1_000 + number))
            // Only those with transactions can have one that hangs.
            var index = random.below(beginnings.count)
            if cause.label == .hangingTransaction || cause == .silentAfterACommit { index = index / 2 * 2 + 1 }
            var scene = beginnings[index].reseeded(UInt64(5_000 + number))
            scene.pass(random.between(0, 20))
            Self.play(cause, in: &scene, &random)
            trials[cause.label, default: 0] += 1
            guard scene.diagnosis != cause.label else { continue }
            wrong.append("trial \(number): \(cause) was called \(scene.diagnosis.rawValue); \(scene.signals)")
        }
        #expect(trials.count == FeedDiagnosis.allCases.count && trials.values.allSatisfy { $0 >= 50 })
        #expect(wrong.count * 100 <= Self.trials, "\(wrong.joined(separator: "\n"))")
    }

    /// Lets it happen, and time pass until it can be known.
    private static func play(_ cause: Cause, in scene: inout FeedScene, _ random: inout SeededGenerator) {
        switch cause {
        case .nothing: scene.pass(random.between(1, 60))
        case .quietSpell, .catchingUp, .unusedPartition: playUsual(cause, in: &scene, &random)
        case .allSilent: silence(&scene, all: true, &random)
        case .silentAfterACommit:
            scene.partitions.indices.forEach { scene.partitions[$0].rate = 0 }
            scene.pass(5)
            silence(&scene, all: true, &random)
        case .someSilent: silence(&scene, all: false, &random)
        case .transactionHangs, .transactionHangsInSilence, .lastTransactionHangs: hang(cause, in: &scene, &random)
        case .tooSlow:
            scene.capacity = scene.partitions.reduce(0) { $0 + $1.rate } * random.between(0.2, 0.6)
            scene.pass(random.between(45, 90))
        case .takesNothing:
            scene.capacity = 0
            scene.pass(random.between(45, 90))
            // Be it that nobody writes any more.
            if random.happens(0.5) {
                scene.partitions.indices.forEach { scene.partitions[$0].rate = 0 }
                scene.pass(scene.limit() + random.between(20, 40))
            }
        case .brokersGone:
            scene.isAnswering = false
            scene.pass(random.between(16, 90))
        case .topicDeleted:
            scene.topicExists = false
            scene.partitions.indices.forEach { scene.partitions[$0].rate = 0 }
            scene.pass(random.between(1, 90))
        }
    }

    private static func playUsual(_ cause: Cause, in scene: inout FeedScene, _ random: inout SeededGenerator) {
        let rates = scene.partitions.map(\.rate)
        switch cause {
        case .quietSpell:
            // The records of the last transaction come in the meantime.
            scene.partitions.indices.forEach { scene.partitions[$0].rate = 0 }
            scene.pass(scene.limit() * random.between(0.1, 0.6))
        case .catchingUp:
            // A minute away, and then read anew at four times the speed.
            scene.capacity = 0
            scene.pass(60)
            scene.assignment += 1
            scene.capacity = rates.reduce(0, +) * 4
            scene.pass(random.between(2, 15))
        default:
            scene.partitions.append(FeedScene.Partition(rate: 0))
            scene.pass(random.between(30, 200))
        }
    }

    private static func silence(_ scene: inout FeedScene, all: Bool, _ random: inout SeededGenerator) {
        let count = all ? scene.partitions.count : 1 + random.below(scene.partitions.count - 1)
        for index in 0..<count { scene.partitions[index].rate = 0 }
        let limit = all ? scene.limit() : (0..<count).map { scene.limit(of: $0) }.max() ?? 0
        // What was written before is read, at the latest with the next commit; and a moment, as records flow on in between.
        scene.pass(limit + (scene.commitEvery ?? 0) * 1.2 + random.between(3, 20))
    }

    private static func hang(_ cause: Cause, in scene: inout FeedScene, _ random: inout SeededGenerator) {
        let victim = random.below(scene.partitions.count)
        switch cause {
        case .transactionHangs:
            scene.partitions[victim].commits = false
        case .transactionHangsInSilence:
            // The writer of one partition dies after some records.
            scene.partitions[victim].commits = false
            scene.partitions[victim].rate = 20
            scene.pass(3)
            scene.partitions[victim].rate = 0
        default:
            // The only writer dies: nothing is written any more, and what was is not committed.
            scene.partitions.indices.forEach { scene.partitions[$0].commits = false }
            scene.pass(5)
            scene.partitions.indices.forEach { scene.partitions[$0].rate = 0 }
            return scene.pass(scene.limit() + random.between(3, 20))
        }
        scene.pass(scene.limitOfTransactions(in: victim) + random.between(5, 40))
    }
}
