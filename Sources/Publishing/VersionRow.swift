public import Learning

/// One line of `GET /v1/versions`.
public struct VersionRow: Codable, Equatable, Sendable {
    public var lane: Int
    public var version: String
    /// Milliseconds since 1970.
    public var createdAt: Int64
    public var digest: String
    /// Events learnt since the model's first.
    public var events: Int
    public var metrics: MetricsSummary?
    /// The stream past it was judged clean: it may be served.
    public var cleared: Bool
    /// Kept for rollback until unpinned.
    public var pinned: Bool
    /// This publisher answers with it now.
    public var served: Bool

    public init(
        lane: Int = 0,
        version: String,
        createdAt: Int64,
        digest: String,
        events: Int,
        metrics: MetricsSummary? = nil,
        cleared: Bool,
        pinned: Bool = false,
        served: Bool = false
    ) {
        self.lane = lane
        self.version = version
        self.createdAt = createdAt
        self.digest = digest
        self.events = events
        self.metrics = metrics
        self.cleared = cleared
        self.pinned = pinned
        self.served = served
    }
}

/// Quality as it was when a version began to be served: a point of the status page's chart.
struct QualityPoint: Codable, Equatable, Sendable {
    var version: String
    /// The version's input watermark, in milliseconds since 1970.
    var inputWatermark: Int64
    var window: MetricsSummary
}
