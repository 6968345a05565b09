import Foundation

@testable import Inspection

/// A topic with its writers and one reader, as a trainer sees it: steps of a quarter of a second, statistics once a second, and what is
/// delivered at once.
struct FeedScene {
    struct Partition {
        /// Records a second.
        var rate: Double
        /// False while the writer's transaction hangs.
        var commits = true
        var high: Int64 = 0
        var stable: Int64 = 0
        var position: Int64 = 0
        /// What the statistics told last.
        fileprivate var told: (high: Int64, stable: Int64) = (0, 0)

        init(rate: Double) { self.rate = rate }
    }

    static let step = 0.25

    var watch = FeedWatch()
    var stall = StallDetector()
    var partitions: [Partition]
    /// Seconds between two commits of the writers; nil where they write without transactions.
    var commitEvery: Double?
    /// Records that the reader takes in a second.
    var capacity = 1e9
    var isAnswering = true
    var topicExists = true
    var assignment: UInt64 = 1
    private(set) var now = 0.0
    private var secondsSinceAnswer = 0.0
    private var nextCommit = 0.0
    private var nextStatistics = 0.0
    private var random: SeededGenerator

    init(rates: [Double], commitEvery: Double? = nil, seed: UInt64) {
        partitions = rates.map { Partition(rate: $0) }
        self.commitEvery = commitEvery
        random = SeededGenerator(seed: seed)
    }

    /// The same scene, and from here on other chances.
    func reseeded(_ seed: UInt64) -> FeedScene {
        var scene = self
        scene.random = SeededGenerator(seed: seed)
        return scene
    }

    mutating func pass(_ seconds: Double) {
        for _ in 0..<Int(seconds / Self.step) { tick() }
    }

    var signals: FeedSignals { watch.signals(stall, secondsSinceAnswer: secondsSinceAnswer, limit: 15, at: now) }

    var diagnosis: FeedDiagnosis { FeedDiagnosis.judge(signals) }

    /// The silence of all partitions, or of one, that is a stall; in seconds.
    func limit(of partition: Int? = nil) -> Double {
        (partition.map { watch.partitions[$0].arrivals } ?? stall).threshold
    }

    /// How long a last stable offset may stand still before records.
    func limitOfTransactions(in partition: Int) -> Double { watch.partitions[partition].waits.limit }

    // MARK: - Time

    private mutating func tick() {
        now += Self.step
        write()
        watch.tell(wall: Int64(now * 1000), at: now)
        if isAnswering { hear() } else { secondsSinceAnswer += Self.step }
        watch.look(sights, under: assignment, stall: &stall, at: now)
    }

    private mutating func write() {
        for index in partitions.indices {
            partitions[index].high += random.poisson(partitions[index].rate * Self.step)
            if commitEvery == nil, partitions[index].commits { partitions[index].stable = partitions[index].high }
        }
        guard let commitEvery, now >= nextCommit else { return }
        for index in partitions.indices where partitions[index].commits { partitions[index].stable = partitions[index].high }
        nextCommit = now + commitEvery * (0.8 + 0.4 * random.uniform())
    }

    private mutating func hear() {
        secondsSinceAnswer = 0.5 * random.uniform()
        if now >= nextStatistics {
            for index in partitions.indices { partitions[index].told = (partitions[index].high, partitions[index].stable) }
            nextStatistics = now + 0.9 + 0.2 * random.uniform()
        }
        var budget = Int64(capacity * Self.step)
        for index in partitions.indices {
            let taken = min(budget, partitions[index].stable - partitions[index].position)
            partitions[index].position += taken
            budget -= taken
            stall.arrived(count: Int(taken), at: now)
        }
    }

    private var sights: [PartitionSight] {
        partitions.enumerated().map { index, partition in
            let stable = max(partition.told.stable, partition.position)
            return PartitionSight(
                topic: "events", partition: Int32(index), position: partition.position, stable: stable,
                high: max(partition.told.high, stable), secondsSinceAnswer: secondsSinceAnswer, topicExists: topicExists)
        }
    }
}

extension SeededGenerator {
    /// Knuth's way: for means of some dozens.
    mutating func poisson(_ mean: Double) -> Int64 {
        let limit = exp(-mean)
        var (count, product): (Int64, Double) = (-1, 1)
        repeat {
            count += 1
            product *= 1 - uniform()
        } while product > limit
        return count
    }

    mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    mutating func below(_ number: Int) -> Int { Int(next() % UInt64(number)) }
}
