/// Everything that is seen of a feed beside its events: the ends of its partitions, when they move, what waits in transactions, how far we
/// are behind, and what all that is against what is usual.
///
/// It reads no clock: `now` is the owner's monotonic one (seconds), and `wall` (milliseconds since 1970) only says which hour of the week it
/// is. What it has learnt of the feed's rhythm is written into the manifest; what it saw last ends with the process.
public struct FeedWatch: Equatable, Sendable {
    /// Whoever looks less often has not seen when the end moved.
    private static let longestBetweenLooks = 2.0
    /// Records are counted over so many seconds at least.
    private static let secondsOfCount = 1.0

    private(set) var model = ArrivalModel()
    private(set) var flow = FlowWatch()
    private(set) var partitions: [PartitionWatch] = []

    private var lag = LagTrace()
    private var topicExists = true
    private var lookedAt: Double?
    private var assignment: UInt64?
    /// The wall clock was told to show `wall` at `now`.
    private var told: Told?
    private var count = Count()

    private struct Told: Equatable, Sendable {
        var wall: Int64
        var now: Double
    }

    private struct Count: Equatable, Sendable {
        var records: Int64 = 0
        var since: Double?
    }

    public init() {}

    /// Which hour it is.
    public mutating func tell(wall: Int64, at now: Double) { told = Told(wall: wall, now: now) }

    /// No broker answers: what is seen to have moved afterwards teaches nothing.
    public mutating func heardNothing() { breakOff() }

    /// Looks at the partitions that are read.
    ///
    /// - Parameters:
    ///   - assignment: the number of the assignment they are read under. With another one reading began anew, perhaps elsewhere.
    ///   - stall: the detector of silence of all of them together.
    public mutating func look(_ sights: [PartitionSight], under assignment: UInt64, stall: inout StallDetector, at now: Double) {
        if lookedAt == nil || self.assignment != assignment { begin(stall: &stall, at: now) }
        self.assignment = assignment
        let elapsed = max(0, now - (lookedAt ?? now))
        let hasLookedAway = elapsed > Self.longestBetweenLooks
        if hasLookedAway {
            stall.lookedAway()
            breakOff()
        }
        lookedAt = now
        match(sights)
        var moved: Int64 = 0
        let (model, wall) = (model, wallTime(at: now))
        for (index, sight) in sights.enumerated() {
            moved += partitions[index].look(sight, at: now) { model.usual($0, until: wall) }
        }
        if moved > 0 { stall.moved(at: now) { model.usual($0, until: wall) } }
        topicExists = sights.allSatisfy(\.topicExists)
        lag.note(sights.reduce(0) { $0 + $1.lag }, at: now)
        if let wall { learn(moved, in: hasLookedAway ? 0 : elapsed, stall, at: now, wall: wall) }
    }

    private mutating func begin(stall: inout StallDetector, at now: Double) {
        stall.started(at: now)
        for index in partitions.indices { partitions[index].pause() }
        flow.pause()
        (lag, count, lookedAt) = (LagTrace(), Count(), now)
    }

    private mutating func breakOff() {
        for index in partitions.indices { partitions[index].lookedAway() }
        flow.pause()
        count = Count()
    }

    /// One watch a partition, in the order of the sights; those of partitions that are read no more are forgotten.
    private mutating func match(_ sights: [PartitionSight]) {
        let isMatched = partitions.count == sights.count && zip(partitions, sights).allSatisfy { $0.isOf($1) }
        guard !isMatched else { return }
        partitions = sights.map { sight in
            partitions.first { $0.isOf(sight) } ?? PartitionWatch(topic: sight.topic, partition: sight.partition)
        }
    }

    private mutating func learn(_ moved: Int64, in seconds: Double, _ stall: StallDetector, at now: Double, wall: Int64) {
        let isStalled = stall.mayFreeze && stall.verdict(at: now, usually: { model.usual($0, until: wall) }).isSilent
        model.watch(seconds, moves: moved > 0 ? 1 : 0, records: moved, isStalled: isStalled, at: wall)
        guard let since = count.since else { return count = Count(records: 0, since: now) }
        count.records += moved
        guard now - since >= Self.secondsOfCount else { return }
        flow.count(count.records, in: now - since, usual: model.records(at: wall))
        count = Count(records: 0, since: now)
    }

    private func wallTime(at now: Double) -> Int64? {
        told.map { $0.wall + Int64(((now - $0.now) * 1000).rounded()) }
    }

    // MARK: - Judging

    /// Seconds that end now, in usual ones.
    public func usual(_ seconds: Double, at now: Double) -> Double { model.usual(seconds, until: wallTime(at: now)) }

    /// What there is to judge by (`FeedDiagnosis.judge`).
    ///
    /// - Parameters:
    ///   - answer: seconds since any broker answered.
    ///   - limit: of the seconds since a broker of the partitions did. Silence since then proves nothing.
    public func signals(_ stall: StallDetector, secondsSinceAnswer answer: Double, limit: Double, at now: Double) -> FeedSignals {
        let usually = { (seconds: Double) in usual(seconds, at: now) }
        let answer = max(answer, now - (partitions.compactMap(\.toldAt).max() ?? now))
        let silence = stall.silence(at: now - answer)
        let threshold = stall.limit(of: silence, usually: usually)
        let least = stall.mode == .auto ? 0 : stall.threshold
        let open = longestOpen(whenSilent: silence > threshold ? threshold : nil)
        return FeedSignals(
            secondsSinceBrokerAnswer: answer, brokerAnswerLimit: limit, topicExists: topicExists, secondsSinceHighWatermarkMoved: silence,
            secondsSinceStableOffsetMoved: open?.seconds ?? 0,
            recordsNotStable: partitions.reduce(0) { $0 + $1.recordsNotStable }, silenceThreshold: threshold,
            stableOffsetThreshold: open?.limit ?? threshold, lag: partitions.reduce(0) { $0 + $1.lag }, lagGrew: lag.hasGrown,
            partitions: max(1, partitions.count), silentPartitions: partitions.count { $0.isSilent(longerThan: least, usually: usually) })
    }

    /// Of the partition whose transaction is the most unusual.
    private func longestOpen(whenSilent silence: Double?) -> (seconds: Double, limit: Double)? {
        partitions.compactMap { $0.openTransaction(whenSilent: silence) }.max { $0.seconds / $0.limit < $1.seconds / $1.limit }
    }

    /// The detectors of a rate that is not usual.
    public var raised: [RaisedDetector] { flow.raised }
}

extension PartitionWatch {
    fileprivate func isOf(_ sight: PartitionSight) -> Bool { partition == sight.partition && topic == sight.topic }
}

/// What was learnt is read back, and each part checks itself.
extension FeedWatch: Codable {
    private enum CodingKeys: String, CodingKey { case model, flow, partitions }
}
