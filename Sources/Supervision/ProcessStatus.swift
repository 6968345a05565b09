/// What every process of a model writes to the control topic every second or two, under a key of its own: the only thing processes
/// know of each other.
///
/// ```json
/// {
///   "process": "trainer", "instance": "01J9ZK8Q4T", "host": "node-3", "build": "1.2.0", "model": "flowers", "lane": 0,
///   "at": 1388534400000, "heartbeat": 4711, "version": 42, "versionCreatedAt": 1388534395000,
///   "gate": {"state": "frozen", "causes": [
///     {"kind": "label-rate", "detail": "Labels of 1 fell from 5 % to 0 %.", "since": 1388534390000, "resume": "manual"}]},
///   "positions": [{"topic": "purchases", "partition": 0, "learned": 1000, "inspected": 1200, "end": 1250}],
///   "counts": {"learned": 990, "quarantined": 10, "skipped": 0, "gaps": 0, "rejectedByReason": {"not-json": 10}},
///   "metrics": {"examples": 990, "weight": 990, "logLoss": 0.21, "auc": 0.74},
///   "twin": {"ageSeconds": 3600, "version": 7, "metrics": {"examples": 990, "weight": 990, "logLoss": 0.23}},
///   "lag": 50, "feed": "flowing"
/// }
/// ```
/// Members that do not apply to a process are absent. Times are milliseconds since 1970.
public struct ProcessStatus: Codable, Equatable, Sendable {
    public enum Process: String, Codable, Sendable {
        case trainer, publisher, watchdog
    }

    public var process: Process
    /// Random, new at every start.
    public var instance: String
    public var host: String
    public var build: String
    public var model: String
    /// The lane a trainer holds; nil for a standby, and for other processes.
    public var lane: Int?
    /// When this was written, by the writer's clock.
    public var at: Int64
    /// Rises with every status.
    public var heartbeat: UInt64
    /// The newest version a trainer has committed.
    public var version: UInt64?
    /// When the newest version (trainer) or the served one (publisher) was written.
    public var versionCreatedAt: Int64?
    /// What a publisher serves: one version per lane.
    public var servedVersion: [UInt64]?
    public var gate: GateStatus?
    public var positions: [Position]?
    public var counts: Counts?
    public var metrics: QualitySummary?
    public var twin: Twin?
    /// Events between what is inspected and the end of the feed.
    public var lag: Int?
    /// The trainer's diagnosis of the feed: `flowing`, `upstream-silent`, `partition-silent`, `hanging-transaction`, `overload`,
    /// `broker-lost` or `topic-gone`.
    public var feed: String?
    /// Quality over the last full window of events.
    public var window: QualitySummary?
    /// The newest version that may be served.
    public var cleared: UInt64?
    /// Of the model as it is now; 32 hexadecimal digits.
    public var modelDigest: String?
    /// Events read and held back behind the inspector.
    public var pending: Int?
    /// A trainer's detectors that are raised and only alert.
    public var raised: [Raised]?
    /// What a watchdog has told and not ended, so that the next one goes on with it.
    public var alerts: [FiringAlert]?

    public init(
        process: Process, instance: String, host: String, build: String, model: String, lane: Int? = nil, at: Int64, heartbeat: UInt64,
        version: UInt64? = nil, versionCreatedAt: Int64? = nil, servedVersion: [UInt64]? = nil, gate: GateStatus? = nil,
        positions: [Position]? = nil, counts: Counts? = nil, metrics: QualitySummary? = nil, twin: Twin? = nil, lag: Int? = nil,
        feed: String? = nil
    ) {
        self.process = process
        self.instance = instance
        self.host = host
        self.build = build
        self.model = model
        self.lane = lane
        self.at = at
        self.heartbeat = heartbeat
        self.version = version
        self.versionCreatedAt = versionCreatedAt
        self.servedVersion = servedVersion
        self.gate = gate
        self.positions = positions
        self.counts = counts
        self.metrics = metrics
        self.twin = twin
        self.lag = lag
        self.feed = feed
    }
}
