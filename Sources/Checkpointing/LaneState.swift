public import Inspection
public import Learning

/// Where a lane stands in one input partition.
public struct InputPosition: Codable, Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    /// The first offset this model was responsible for.
    public var start: Int64
    /// The next offset to take: every record below it was learnt, quarantined, skipped or is a gap.
    public var next: Int64
    /// Offset and xxh3-64-sized checksum of the last event taken, so that a topic which was truncated or created anew is noticed. Absent
    /// before the first event.
    public var last: LastEvent?
    /// Another lane reads on from `next`.
    public var isHandedOver = false
    /// Where this lane read on when it took the partition over, the last time it did. Absent where it began the partition itself.
    public var taken: Int64?
    /// What is no example below this offset is in the quarantine topic already, though a rollback may take the model back past it. Absent
    /// before the first.
    public var quarantined: Int64?

    /// What tells one partition from another.
    public struct Place: Hashable, Sendable {
        public var topic: String
        public var partition: Int32
    }

    public var place: Place { Place(topic: topic, partition: partition) }

    /// How many offsets this lane accounts for.
    public var accounted: Int64 { next - start }

    public struct LastEvent: Codable, Equatable, Sendable {
        public var offset: Int64
        public var checksum: String

        public init(offset: Int64, checksum: String) {
            self.offset = offset
            self.checksum = checksum
        }
    }

    public init(topic: String, partition: Int32, start: Int64) {
        self.topic = topic
        self.partition = partition
        self.start = start
        self.next = start
    }
}

/// What became of the records up to the positions: `learnt + quarantined + skipped + gaps = Σ (next − start)`.
public struct EventCounts: Codable, Equatable, Sendable {
    public var learnt: UInt64 = 0
    public var quarantined: UInt64 = 0
    /// Inside a range that an operator or the policy set aside whole.
    public var skipped: UInt64 = 0
    /// Offsets without a record: transaction markers, compacted records, and what retention took before we came.
    public var gaps: UInt64 = 0
    public var quarantinedByReason: [String: UInt64] = [:]

    public init() {}

    public var accounted: UInt64 { learnt + quarantined + skipped + gaps }
}

/// A range of one partition that is passed over: the quarantine ledger's entry. The events stay in the input topic.
public struct SkipRange: Codable, Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    public var from: Int64
    /// The first offset that is learnt again.
    public var to: Int64
    public var reason: String

    public init(topic: String, partition: Int32, from: Int64, to: Int64, reason: String) {
        self.topic = topic
        self.partition = partition
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// What a frozen lane remembers, so that it can go on exactly.
public struct FrozenRange: Codable, Equatable, Sendable {
    /// The first offset per partition that may be damaged: nothing at or past it has been learnt.
    public var changePoint: [InputOffset]
    /// How far the frozen lane has read, inspected and scored.
    public var inspected: [InputOffset]
    /// What has been seen up to there, so that a restart changes nothing that events decide. Only in a version, and not of an older build.
    public var ahead: Ahead?

    public init(changePoint: [InputOffset], inspected: [InputOffset]) {
        self.changePoint = changePoint
        self.inspected = inspected
    }

    public struct Ahead: Codable, Equatable, Sendable {
        /// The inspector at the inspected position.
        public var inspector: Inspector
        /// Where the last events up to there lie, the newest run at the end.
        public var recent: [InspectedRun]
        /// Where the run of events began that may end the freeze; nil while there is none.
        public var clean: [InputOffset]?

        public init(inspector: Inspector, recent: [InspectedRun], clean: [InputOffset]?) {
            self.inspector = inspector
            self.recent = recent
            self.clean = clean
        }
    }
}

/// Events inspected one after the other that lie one after the other in one partition.
public struct InspectedRun: Codable, Equatable, Sendable {
    /// A position in `LaneState.inputs`.
    public var input: Int
    /// Of the first event.
    public var offset: Int64
    public var count: Int64

    public init(input: Int, offset: Int64, count: Int64) {
        self.input = input
        self.offset = offset
        self.count = count
    }
}

public struct InputOffset: Codable, Equatable, Sendable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64

    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

/// The frozen version that is scored beside the learner, and how it has done since it was frozen.
public struct TwinState: Codable, Equatable, Sendable {
    /// The version whose weights are scored, and the newest event time (ms) it had learnt.
    public var version: UInt64
    public var eventTime: Int64
    /// The version that takes its place once it is old enough.
    public var successor: UInt64
    public var successorEventTime: Int64
    /// Twin and learner on the same events: what the twin's age costs is the difference of the two.
    public var twinMetrics: ProgressiveMetrics
    public var learnerMetrics: ProgressiveMetrics

    public init(version: UInt64, eventTime: Int64, task: PredictionTask) {
        self.version = version
        self.eventTime = eventTime
        self.successor = version
        self.successorEventTime = eventTime
        self.twinMetrics = ProgressiveMetrics(task: task)
        self.learnerMetrics = ProgressiveMetrics(task: task)
    }
}

/// Everything of a version that is not a page: the cut is complete with it.
public struct LaneState: Codable, Equatable, Sendable {
    /// In the order the lane met them.
    public var inputs: [InputPosition]
    public var counts: EventCounts
    /// Oldest and newest event time learnt, in milliseconds since 1970.
    public var eventTimes: ClosedRange<Int64>?
    public var globals: LearnerGlobals
    public var metrics: WindowedMetrics
    public var inspector: Inspector
    /// Absent before the first event is learnt.
    public var modelWatch: ModelWatch?
    /// Where the last events up to the learnt position lie, the newest run at the end: evidence that goes on after a restart may have begun
    /// before it, and its change point has to be told as offsets.
    public var recent: [InspectedRun]
    public var stall: StallDetector
    /// The rhythm of the feed and of its partitions; absent before the first look at it, and from what older builds wrote.
    public var feed: FeedWatch?
    public var gate: Gate
    public var frozen: FrozenRange?
    /// Whether what froze the lane is over; nil of a lane that never waited for it.
    public var recovery: RecoveryWatch?
    /// The planned change that was announced last; the inspector knows whether it is over.
    public var expectation: Expectation?
    public var skips: [SkipRange]
    public var twin: TwinState?
    /// The control commands applied last, newest at the end, so that none is applied twice.
    public var commands: [String]

    public init(
        inputs: [InputPosition], globals: LearnerGlobals, metrics: WindowedMetrics, inspector: Inspector, stall: StallDetector, gate: Gate
    ) {
        self.inputs = inputs
        self.counts = EventCounts()
        self.globals = globals
        self.metrics = metrics
        self.inspector = inspector
        self.recent = []
        self.stall = stall
        self.gate = gate
        self.skips = []
        self.commands = []
    }

    /// The version got another number than was expected when the cut was made: the twin is called by the one it has.
    public mutating func renumber(_ expected: UInt64, as version: UInt64) {
        if twin?.version == expected { twin?.version = version }
        if twin?.successor == expected { twin?.successor = version }
    }
}

extension LaneState {
    /// Refuses numbers that no trainer writes and that a reader could not reckon with.
    func check() throws(CodecError) {
        let offsets = 0...Int64.max / 4
        for input in inputs where !offsets.contains(input.start) || !offsets.contains(input.next) || input.start > input.next {
            throw .inconsistent("\(input.topic)[\(input.partition)] from \(input.start) to \(input.next)")
        }
        for range in skips where !offsets.contains(range.from) || !offsets.contains(range.to) || range.from > range.to {
            throw .inconsistent("a range set aside from \(range.from) to \(range.to)")
        }
        for run in recent + (frozen?.ahead?.recent ?? []) {
            let isRight = inputs.indices.contains(run.input) && offsets.contains(run.offset) && offsets.contains(run.count)
            guard isRight else { throw .inconsistent("\(run.count) events from \(run.offset) of input \(run.input)") }
        }
        let counted = [
            counts.learnt, counts.quarantined, counts.skipped, counts.gaps, inspector.sequence, globals.examples, recovery?.run ?? 0,
            frozen?.ahead?.inspector.sequence ?? 0,
        ]
        guard counted.allSatisfy({ $0 <= UInt64(offsets.upperBound) }) else { throw .inconsistent("more events than there can be") }
        guard modelWatch?.isSound != false else { throw .inconsistent("a watch of the model that has counted more than there can be") }
        let places = (frozen?.changePoint ?? []) + (frozen?.inspected ?? []) + (frozen?.ahead?.clean ?? [])
        for place in places where !offsets.contains(place.offset) {
            throw .inconsistent("frozen at \(place.offset) of \(place.topic)[\(place.partition)]")
        }
    }
}
