public import Learning

/// A retained version, as the ladder of the newest manifest lists it.
public struct Rung: Codable, Equatable, Sendable {
    public var version: UInt64
    public var epoch: UInt64
    public var writer: WriterID
    /// Of the version's manifest record.
    public var digest: Digest128
    public var offset: Int64
    /// The oldest offset the version refers to.
    public var restoreFrom: Int64
    /// Milliseconds since 1970, by the writer's clock.
    public var createdAt: Int64
    public var learnt: UInt64
    /// The newest event time it learnt, ms.
    public var watermark: Int64?
    public var cleared: Bool
    public var pinned: Bool
    /// A rollback went back past this version: it can still be brought back, but it is none of the newest version's forebears.
    public var isUndone = false
    /// Progressive metrics of the whole stream and of the last full window, for `versions`.
    public var metrics: MetricsSummary
    public var window: MetricsSummary?
    public var modelDigest: Digest128
    /// Pages it has, and how many of them were written with it; nil of a version that an older build wrote.
    public var pages: Int?
    public var written: Int?

    public var id: VersionID { VersionID(version: version, writer: writer) }
}

extension LaneView.Entry {
    /// The version as a ladder lists it.
    func rung(cleared: Bool) -> Rung {
        let body = manifest.body
        return Rung(
            version: body.version, epoch: body.epoch, writer: body.writer, digest: digest, offset: offset, restoreFrom: body.restoreFrom,
            createdAt: body.createdAt, learnt: body.state.counts.learnt, watermark: body.state.eventTimes?.upperBound, cleared: cleared,
            pinned: body.pinned, metrics: body.state.metrics.total.summary, window: body.state.metrics.lastWindow,
            modelDigest: body.modelDigest, pages: manifest.pages.count,
            written: manifest.pages.count { $0.id == manifest.id })
    }
}
