/// Which versions are kept for rollback: the latest few, then sparser with age.
public struct Retention: Codable, Equatable, Sendable {
    public var latest: Int
    public var hourly: Int
    public var daily: Int

    public init(latest: Int = 8, hourly: Int = 24, daily: Int = 7) {
        self.latest = latest
        self.hourly = hourly
        self.daily = daily
    }

    /// The rungs to keep of a ladder that is sorted oldest first.
    ///
    /// Kept beside the ladder's own: every pinned version, the newest cleared one, and those named in `needed` (what a twin or a publisher is
    /// pinned to).
    public func keep(_ rungs: [Rung], needed: Set<UInt64>) -> [Rung] {
        var kept = Set(rungs.suffix(latest).map(\.id))
        kept.formUnion(firstOfEach(3_600_000, last: hourly, in: rungs))
        kept.formUnion(firstOfEach(86_400_000, last: daily, in: rungs))
        if let cleared = rungs.last(where: \.cleared) { kept.insert(cleared.id) }
        return rungs.filter { kept.contains($0.id) || $0.pinned || needed.contains($0.version) }
    }

    /// The first version of each of the last so many periods in which there was one.
    private func firstOfEach(_ milliseconds: Int64, last count: Int, in rungs: [Rung]) -> [VersionID] {
        var firsts: [(period: Int64, id: VersionID)] = []
        for rung in rungs where firsts.last?.period != rung.createdAt / milliseconds {
            firsts.append((rung.createdAt / milliseconds, rung.id))
        }
        return firsts.suffix(count).map(\.id)
    }
}
