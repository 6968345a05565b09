/// What was delivered of each assigned partition, and what to do when a partition's data cannot be trusted.
///
/// librdkafka 2.0.2 parses on after a batch that fails its CRC, and may then deliver or ask for offsets that never were. So nothing is
/// taken as it comes: every offset must be above the last one and below the partition's end; at the first sign of trouble the
/// client's queue is dropped and the partition fetched again after the last good record. What fails `maximumTries` times in a row at
/// the same place is not a transmission error: the partition is given up and its owner told.
///
/// ```
///   reading ──bad──▶ recovering ──restart──▶ reading      (a good record: tries = 0)
///      └──bad for the fourth time──▶ halted
/// ```
struct DeliveryLedger: Equatable {
    static let maximumTries = 3

    enum State: Equatable { case reading, recovering, halted }

    struct Lane: Equatable {
        let partition: TopicPartition
        /// Where reading (re)starts while nothing was delivered: an offset, or a logical one such as the beginning.
        var start: Int64
        var last: Int64?
        var tries = 0
        /// Whether a try since the last good record met damage: what is out of range then is librdkafka's doing.
        var isDamaged = false
        var state = State.reading

        var resume: Int64 { last.map { $0 + 1 } ?? start }
    }

    private(set) var lanes: [Lane]
    private let slots: [TopicPartition: Int]
    private(set) var needsRestart = false

    init(_ positions: [TopicPartition: Int64] = [:]) {
        lanes = positions.sorted { $0.key < $1.key }.map { Lane(partition: $0.key, start: $0.value) }
        slots = Dictionary(uniqueKeysWithValues: lanes.enumerated().map { ($1.partition, $0) })
    }

    func slot(of partition: TopicPartition) -> Int? { slots[partition] }

    /// Whether a record may be delivered.
    /// - Parameter end: the partition's high watermark, if known.
    mutating func take(_ offset: Int64, below end: Int64?, slot: Int) -> Verdict {
        guard lanes[slot].state == .reading else { return .drop }
        guard offset >= max(lanes[slot].resume, 0), offset < end ?? .max else { return strike(slot, isDamage: true) }
        lanes[slot].last = offset
        lanes[slot].tries = 0
        lanes[slot].isDamaged = false
        return .deliver
    }

    enum Verdict: Equatable {
        case deliver, drop
        /// Tried too often: the partition is given up.
        case giveUp
    }

    /// Notes a failure of the partition's data, or, where it is no damage, of the position.
    mutating func strike(_ slot: Int, isDamage: Bool) -> Verdict {
        guard lanes[slot].state == .reading else { return .drop }
        needsRestart = true
        if isDamage { lanes[slot].isDamaged = true }
        lanes[slot].tries += 1
        guard lanes[slot].tries > DeliveryLedger.maximumTries else {
            lanes[slot].state = .recovering
            return .drop
        }
        lanes[slot].state = .halted
        return .giveUp
    }

    /// The positions to assign: everything but what was given up, each after its last good record.
    mutating func restart() -> [TopicPartition: Int64] {
        needsRestart = false
        for slot in lanes.indices where lanes[slot].state == .recovering { lanes[slot].state = .reading }
        return Dictionary(uniqueKeysWithValues: lanes.filter { $0.state == .reading }.map { ($0.partition, $0.resume) })
    }
}
