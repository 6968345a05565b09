import Checkpointing
import Learning

@testable import Training

/// One record of an input partition, as a test writes it.
struct SampleRecord: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case good
        /// An event whose label is this one, whatever the features.
        case labelled(Float)
        /// An event without the field `price`.
        case noPrice
        /// An event with the id of the one of this order.
        case again(Int64)
        /// No example.
        case rejected
        /// A transaction's marker: an offset nobody ever sees a record at.
        case marker
    }

    var offset: Int64
    /// Its place among the records of all partitions; also its event time.
    var order: Int64
    var kind: Kind
    /// What the features are made of, and the checksum.
    var bits: UInt64

    /// Every event has an id of its own, unless it is one that comes again.
    var identity: UInt64 {
        if case .again(let order) = kind { return UInt64(order) }
        return UInt64(order)
    }

    var label: Float {
        if case .labelled(let label) = kind { return label }
        return (bits >> 8) % 100 < 20 + (bits % 7) * 10 ? 1 : 0
    }
}

/// The partitions of an input topic and a reader's place in them: a value, so that a test can read the same events again in another way.
struct SampleFeed: Sendable {
    static let topic = "events"
    static let fields = ["price", "colour"]

    struct Partition: Sendable {
        var records: [SampleRecord] = []
        /// What retention has left.
        var low: Int64 = 0
        var end: Int64 = 0
    }

    private(set) var partitions: [Partition]
    /// How many of them, from the end, the topic has no more.
    private var gone = 0
    /// Slots between one colour and the next: a large one spreads them over pages.
    private let spread: UInt32
    private var generator: SeededGenerator
    private var order: Int64 = 0

    /// Input → partition, and where reading stands in it.
    private var reading: [(partition: Int, next: Int64, hasAnnouncedEnd: Bool)] = []
    private(set) var assignment: UInt64 = 0

    init(partitions: Int = 1, seed: UInt64 = 1, spread: UInt32 = 1) {
        self.spread = spread
        self.partitions = (0..<partitions).map { _ in Partition() }
        generator = SeededGenerator(seed: seed)
    }

    // MARK: - Writing

    mutating func append(_ kind: SampleRecord.Kind, to partition: Int = 0) {
        let record = SampleRecord(offset: partitions[partition].end, order: order, kind: kind, bits: generator.next())
        order += 1
        partitions[partition].end += 1
        if kind != .marker { partitions[partition].records.append(record) }
    }

    /// Appends events to the partitions in turn.
    mutating func append(_ count: Int, _ kind: SampleRecord.Kind = .good) {
        for number in 0..<count { append(kind, to: number % partitions.count) }
    }

    mutating func addPartition() { partitions.append(Partition()) }

    /// The topic is made anew with a partition less; one who reads it already hears no more of it.
    mutating func removePartition() { gone += 1 }

    /// Retention takes what lies below an offset.
    mutating func retain(from low: Int64, in partition: Int = 0) {
        partitions[partition].low = low
        partitions[partition].records.removeAll { $0.offset < low }
    }

    /// The topic is made anew: other events lie at the same offsets.
    mutating func recreate(with count: Int) {
        partitions = partitions.map { _ in Partition() }
        append(count)
    }

    mutating func truncate(to end: Int64, in partition: Int = 0) {
        partitions[partition].end = end
        partitions[partition].records.removeAll { $0.offset >= end }
    }

    // MARK: - Reading

    /// Takes the records of another one for the topic's.
    mutating func look(at other: SampleFeed) { (partitions, gone) = (other.partitions, other.gone) }

    var available: [AvailableInput] {
        partitions.dropLast(gone).enumerated().map { AvailableInput(topic: Self.topic, partition: Int32($0), low: $1.low, end: $1.end) }
    }

    var inputs: [InputPosition] { available.map { InputPosition(topic: $0.topic, partition: $0.partition, start: $0.low) } }

    /// The end of each assigned input.
    var ends: [Int64] { reading.map { $0.next == .max ? -1 : partitions[$0.partition].end } }

    mutating func assign(_ positions: [InputPosition]) -> UInt64 {
        // What another lane reads has no place here.
        reading = positions.map { (Int($0.partition), $0.isHandedOver ? .max : $0.next, $0.isHandedOver) }
        assignment += 1
        return assignment
    }

    /// Whether an assigned position is not in its partition.
    var isOutOfRange: Bool {
        reading.contains { $0.next == .max ? false : $0.next < partitions[$0.partition].low || $0.next > partitions[$0.partition].end }
    }

    /// The next records, oldest first over all inputs; ends of partitions are told once each.
    mutating func next(_ count: Int) -> InputBatch {
        var batch = InputBatch()
        batch.examples.fieldNames = Self.fields
        batch.assignment = assignment
        while batch.records.count < count, let input = inputOfOldest { take(from: input, into: &batch) }
        for input in reading.indices where !reading[input].hasAnnouncedEnd && record(at: input) == nil {
            reading[input].hasAnnouncedEnd = true
            reading[input].next = max(reading[input].next, partitions[reading[input].partition].end)
            batch.ends.append((input, reading[input].next))
        }
        return batch
    }

    private var inputOfOldest: Int? {
        var oldest: (input: Int, order: Int64)?
        for input in reading.indices {
            guard let record = record(at: input), record.order < oldest?.order ?? .max else { continue }
            oldest = (input, record.order)
        }
        return oldest?.input
    }

    private func record(at input: Int) -> SampleRecord? {
        let records = partitions[reading[input].partition].records
        // Offsets ascend: the first at or past the position.
        var (low, high) = (0, records.count)
        while low < high {
            let middle = (low + high) / 2
            if records[middle].offset < reading[input].next { low = middle + 1 } else { high = middle }
        }
        return low < records.count ? records[low] : nil
    }

    private mutating func take(from input: Int, into batch: inout InputBatch) {
        guard let record = record(at: input) else { return }
        reading[input].next = record.offset + 1
        reading[input].hasAnnouncedEnd = false
        batch.append(record, input: input, partition: Int32(reading[input].partition), spread: spread)
    }
}

extension InputBatch {
    fileprivate mutating func append(_ record: SampleRecord, input: Int, partition: Int32, spread: UInt32) {
        let content: Record.Content
        if record.kind == .rejected {
            content = .rejected(index: rejected.count)
            reasons.append(.notJSON)
            rejected.append(QuarantinedEvent(record, partition: partition))
        } else {
            content = .example(row: examples.count)
            if record.kind != .noPrice { examples.appendFeature(slot: 1, value: Float(record.bits % 97), field: 0) }
            examples.appendFeature(slot: 2 + UInt32(record.bits % 7) * spread, value: 1, field: 1)
            examples.appendRow(label: record.label, weight: 1, time: record.order)
        }
        records.append(
            Record(input: input, offset: record.offset, checksum: record.bits, content: content, identity: record.identity))
    }
}

extension QuarantinedEvent {
    fileprivate init(_ record: SampleRecord, partition: Int32) {
        self.init(
            topic: SampleFeed.topic, partition: partition, offset: record.offset, timestamp: record.order,
            reason: RejectReason.notJSON.rawValue, detail: "a test's", key: nil, value: [1, 2, 3], originalLength: 3, digest: "")
    }
}
