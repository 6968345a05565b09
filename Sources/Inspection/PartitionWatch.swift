/// What the source of a feed knows of one partition at one moment.
public struct PartitionSight: Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    /// The next offset to be inspected.
    public var position: Int64
    /// The last stable offset, up to which committed records can be read; −1 while it is not known.
    public var stable: Int64
    /// The high watermark, where the next record will be written; −1 while it is not known.
    public var high: Int64
    /// Since the partition's broker last told anything.
    public var secondsSinceAnswer: Double
    /// The topic is in the metadata.
    public var topicExists: Bool

    public init(
        topic: String, partition: Int32, position: Int64, stable: Int64, high: Int64, secondsSinceAnswer: Double = 0,
        topicExists: Bool = true
    ) {
        self.topic = topic
        self.partition = partition
        self.position = position
        self.stable = stable
        self.high = high
        self.secondsSinceAnswer = secondsSinceAnswer
        self.topicExists = topicExists
    }

    /// More records than there can be in one partition: whatever a broker says, sums can be reckoned with.
    static let mostRecords: Int64 = 1 << 40

    /// Records between our position and the last stable offset.
    var lag: Int64 { min(max(0, stable - position), Self.mostRecords) }
}

/// One partition of a feed: when its end moves, and how long its transactions stay open.
struct PartitionWatch: Equatable, Sendable {
    let topic: String
    let partition: Int32
    private(set) var arrivals = StallDetector(mode: .auto, history: GapHistory(tailCapacity: GapTail.capacityOfPartition))
    /// How long the last stable offset stood still while records waited behind it.
    private(set) var waits = GapHistory(tailCapacity: 0)
    private var sight: PartitionSight?
    /// Since when records wait that the last stable offset does not reach.
    private var openSince: Double?
    /// When the last stable offset moved last is not known.
    private var hasLookedAway = false
    /// The last moment that the partition's broker spoke for; the first look, as long as it has not.
    private(set) var toldAt: Double?

    init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// A pause of our own: what was known of the end is forgotten, and time is counted from the next look.
    mutating func pause() { (sight, openSince, toldAt) = (nil, nil, nil) }

    /// Nobody looked for a while, or no broker answered: what moved meanwhile teaches nothing.
    mutating func lookedAway() {
        arrivals.lookedAway()
        hasLookedAway = true
    }

    /// - Returns: by how many offsets the end was seen to move.
    mutating func look(_ now: PartitionSight, at time: Double, usually: (Double) -> Double) -> Int64 {
        toldAt = now.high >= 0 ? time - now.secondsSinceAnswer : toldAt ?? time
        guard now.high >= 0 else { return 0 }
        defer { (sight, hasLookedAway) = (now, false) }
        guard let before = sight, now.high >= before.high, now.stable >= before.stable else {
            // The first look, or another topic by the same name.
            arrivals.started(at: time)
            openSince = now.high > now.stable && now.stable >= 0 ? time : nil
            return 0
        }
        let moved = now.high - before.high
        if moved > 0 { arrivals.moved(at: time, usually: usually) }
        lookAtTransactions(now, before, at: time)
        return min(moved, PartitionSight.mostRecords)
    }

    private mutating func lookAtTransactions(_ now: PartitionSight, _ before: PartitionSight, at time: Double) {
        let hasMoved = now.stable > before.stable
        if hasMoved, !hasLookedAway, let openSince { waits.record(time - openSince) }
        guard now.stable >= 0, now.high > now.stable else { return openSince = nil }
        if hasMoved || openSince == nil { openSince = time }
    }

    // MARK: - Verdicts

    var lag: Int64 { sight?.lag ?? 0 }

    var recordsNotStable: Int64 {
        guard let sight, sight.stable >= 0 else { return 0 }
        return min(sight.high - sight.stable, PartitionSight.mostRecords)
    }

    /// Whether it is silent although it has shown a rhythm, and there is nothing left to read. A partition of which too little is known is
    /// never called silent: it may be one that nobody writes to.
    ///
    /// - Parameter least: of seconds; what the operator calls a stall, if that is longer.
    func isSilent(longerThan least: Double, usually: (Double) -> Double) -> Bool {
        guard !arrivals.isCold, lag == 0, let toldAt, arrivals.silence(at: toldAt) > StallDetector.floor else { return false }
        guard case .silent(let seconds, _) = arrivals.verdict(at: toldAt, usually: usually) else { return false }
        return seconds > least
    }

    /// How long its last stable offset has stood still before records, and how long is usual; nil if it does not.
    ///
    /// - Parameter silence: the least time of silence that is a stall, if nothing is written at all any more: who has a transaction open and
    ///   is alive writes.
    func openTransaction(whenSilent silence: Double?) -> (seconds: Double, limit: Double)? {
        guard let openSince, let toldAt, recordsNotStable > 0 else { return nil }
        return (max(0, toldAt - openSince), min(waits.limit, silence ?? .greatestFiniteMagnitude))
    }
}

/// What is known of the rhythm; what was seen ends with the process.
extension PartitionWatch: Codable {
    private enum CodingKeys: String, CodingKey { case topic, partition, arrivals, waits }
}
