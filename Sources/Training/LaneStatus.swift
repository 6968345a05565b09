public import Checkpointing
public import Inspection
public import Learning

/// What a lane tells of itself: a value made once a second, for the control topic, metrics and `status`.
public struct LaneStatus: Sendable {
    public struct Input: Sendable, Equatable {
        public var position: InputPosition
        public var inspected: Int64
        /// The end of the partition, -1 while unknown.
        public var end: Int64
    }

    public struct Version: Sendable, Equatable {
        public var number: UInt64
        public var createdAt: Int64
        public var modelDigest: Digest128
    }

    public var lane: UInt16
    public var epoch: UInt64
    /// Loops of the trainer so far: stands still when it hangs.
    public var heartbeat: UInt64
    public var version: Version?
    public var cleared: UInt64?
    public var gate: Gate
    public var inputs: [Input]
    public var counts: EventCounts
    /// Events learnt whose id was met shortly before; nil where the model's events have no ids.
    public var duplicates: UInt64?
    public var eventTimes: ClosedRange<Int64>?
    public var metrics: MetricsSummary
    public var window: MetricsSummary?
    public var twin: TwinState?
    public var detectors: [DetectorStatus]
    public var feed: FeedDiagnosis
    /// Events read and not learnt yet, waiting behind the inspector.
    public var pending: Int
    /// Events still in the topic.
    public var lag: Int64
    public var modelDigest: Digest128
    public var clipped: LearnerGlobals
    /// While frozen: from the change point to the inspected position.
    public var frozenRanges: [InputRange] = []
    /// While a freeze is of a kind that ends by itself: events in a row that were clean.
    public var cleanRun: UInt64?
    /// The planned change that is announced.
    public var expectation: Expectation?
    /// Detectors that have told people and stop nothing.
    public var raised: [RaisedDetector] = []
}
