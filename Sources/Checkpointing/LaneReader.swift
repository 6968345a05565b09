/// One who reads a lane and writes nothing: a publisher. Finds the newest version that may be served, then tails.
///
/// Keeps what it holds when a read fails; hands out each version once, and none that is older than the one before, unless a rollback
/// wrote it anew under a higher number.
public actor LaneReader {
    private let log: any CheckpointLog
    private var view = LaneView(fingerprint: nil, keepsSlots: true)
    private var next: Int64?
    private var handedOut: VersionID?
    /// How many records a first look back from the end takes in; eight times more with each further look.
    private static let firstLook: Int64 = 2_048

    public init(log: any CheckpointLog) { self.log = log }

    /// The newest cleared version, when it is another than the one handed out last; waits at most `wait` for news.
    public func newestCleared(wait: Duration) async throws(LogFailure) -> RestoredVersion? {
        try await readOn(wait: wait)
        guard let entry = view.newestCleared, handedOut.map({ $0.version < entry.manifest.body.version }) ?? true else { return nil }
        return handOut(entry)
    }

    /// Reads what has come. After a failure the log is opened anew: what the failed read had delivered is not in the view.
    private func readOn(wait: Duration) async throws(LogFailure) {
        guard let next else { return self.next = try await open() }
        self.next = nil
        let box = ViewBox(view)
        self.next = try await log.follow(from: next, wait: wait) { box.apply($0) }
        view = box.view
    }

    private func handOut(_ entry: LaneView.Entry) -> RestoredVersion? {
        guard let slots = view.slots(of: entry.manifest) else { return nil }
        handedOut = entry.manifest.id
        view.forgetOlder(than: entry.manifest)
        return RestoredVersion(manifest: entry.manifest, digest: entry.digest, cleared: true, slots: slots)
    }

    /// The newest version of the lane, cleared or not, with the ladder of what is retained; nil for an empty log.
    public func newest() async throws(LogFailure) -> Manifest? {
        try await readOn(wait: .zero)
        return view.newest?.manifest
    }

    /// The lane as another one has to see it. One that cannot be read is not judged by what it was before.
    public func sight(of lane: UInt16) async throws(LogFailure) -> LaneSight {
        let newest = try await newest()
        if let record = view.foreignRecord(past: view.newest) { throw LogFailure(.permanent, "lane \(lane) cannot be read: \(record)") }
        return LaneSight(lane: lane, newest: newest, counted: view.countedLanes)
    }

    /// A record past the newest version that this build cannot read.
    public var foreignRecord: ForeignRecord? { view.foreignRecord(past: view.newest) }

    /// A record past the newest cleared version that this build cannot read; what it can read is served on.
    public var unservedRecord: ForeignRecord? { view.foreignRecord(past: view.newestCleared) }

    /// Every retained version, oldest first, with its clearance.
    public func rungs() async throws(LogFailure) -> [Rung] {
        guard let newest = try await newest(), let entry = view.manifests[newest.id] else { return [] }
        return newest.body.ladder.map { rung in
            var rung = rung
            rung.cleared = rung.cleared || view.isCleared(rung.id)
            return rung
        } + [entry.rung(cleared: view.isCleared(newest.id))]
    }

    /// A retained version by its number, with its slots.
    public func version(_ number: UInt64) async throws(LogFailure) -> RestoredVersion? {
        guard let rung = try await rungs().last(where: { $0.version == number }) else { return nil }
        if let version = try await read(rung, from: rung.restoreFrom) { return version }
        // A copy of a page that is damaged may lie before all that the version names.
        return try await read(rung, from: try await log.bounds().lowerBound)
    }

    private func read(_ rung: Rung, from offset: Int64) async throws(LogFailure) -> RestoredVersion? {
        let box = ViewBox(LaneView(fingerprint: nil, keepsSlots: true))
        _ = try await log.read(from: offset) { box.apply($0) }
        let view = box.view
        guard let entry = view.manifests[rung.id], entry.digest == rung.digest, let slots = view.slots(of: entry.manifest) else {
            return nil
        }
        return RestoredVersion(manifest: entry.manifest, digest: entry.digest, cleared: rung.cleared, slots: slots)
    }

    // MARK: - Opening

    /// Steps back from the end until a version that may be served is in sight, then reads all it refers to.
    private func open() async throws(LogFailure) -> Int64 {
        let bounds = try await log.bounds()
        var look = Self.firstLook
        while bounds.upperBound - look > bounds.lowerBound {
            let from = bounds.upperBound - look
            var next = try await readAll(from: from)
            if view.newestCleared == nil, let oldest = oldestNeeded { next = try await readAll(from: min(oldest, from)) }
            if view.newestCleared != nil { return next }
            look *= 8
        }
        return try await readAll(from: bounds.lowerBound)
    }

    /// What the newest version in sight that was ever cleared refers to.
    private var oldestNeeded: Int64? {
        let manifests = view.manifests.values
        let cleared = manifests.filter { view.isCleared($0.manifest.id) }.map { ($0.manifest.id, $0.manifest.body.restoreFrom) }
        let rungs = manifests.flatMap(\.manifest.body.ladder).filter { $0.cleared || view.isCleared($0.id) }.map { ($0.id, $0.restoreFrom) }
        return (cleared + rungs).max { $0.0 < $1.0 }?.1
    }

    /// Makes the view anew from an offset to the end.
    private func readAll(from offset: Int64) async throws(LogFailure) -> Int64 {
        let box = ViewBox(LaneView(fingerprint: nil, keepsSlots: true))
        let next = try await log.read(from: offset) { box.apply($0) }
        view = box.view
        return next
    }

    public func close() async { await log.close() }
}
