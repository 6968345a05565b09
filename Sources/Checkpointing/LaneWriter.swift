import Inspection
import Learning

/// The one who writes a lane's versions.
///
/// Life: perhaps `standBy` → `take` (fence, read to the end, write the owner record, read on past it) → `write`, `clear`, … until a `LogFailure`. After any
/// failure the writer is spent: a new one takes the lane again and reads what the log says.
public actor LaneWriter {
    public nonisolated let identity: LaneIdentity
    public nonisolated let writer: WriterID
    let log: any CheckpointLog
    private let retention: Retention
    /// R: every page is written again within so many versions.
    private let scrubVersions: Int
    private let limits: WriteLimits
    private let now: @Sendable () -> Int64

    var view: LaneView
    private(set) var epoch: UInt64 = 0
    private var current: LaneView.Entry?
    /// The newest version of the model that had the lane before this one, with another configuration.
    private var predecessor: LaneView.Entry?
    /// The offset to read on from.
    var end: Int64 = 0
    /// The offset of the last record of one's own that was committed.
    private var written: Int64 = -1
    /// The version whose slots a standby holds.
    var warm: VersionID?
    /// Whether the log was read from its start to `end`.
    var isRead = false
    /// Keys nothing retained refers to as of the last committed version: tombstoned with the next one, so that a reader who has just
    /// read that version still finds them.
    private var garbage: [RecordKey] = []

    public init(
        log: any CheckpointLog, identity: LaneIdentity, retention: Retention = Retention(), scrubVersions: Int = 16,
        limits: WriteLimits = WriteLimits(), writer: WriterID = .random(), now: @escaping @Sendable () -> Int64
    ) {
        self.log = log
        self.identity = identity
        self.retention = retention
        self.scrubVersions = max(2, scrubVersions)
        self.limits = limits
        self.writer = writer
        self.now = now
        self.view = LaneView(fingerprint: identity.fingerprint, keepsSlots: false)
    }

    // MARK: - Taking the lane

    /// Takes the lane and restores its newest valid version, or nothing for a new model.
    ///
    /// - Parameter succeedsOthers: a lane that holds a model of another configuration is taken as one for a new model; otherwise it is refused.
    public func take(succeedsOthers: Bool = false) async throws(LogFailure) -> RestoredVersion? {
        // Most of the reading, and whatever forbids the take, comes before anybody is shut out.
        try await readOn()
        try leaveIfOutdated()
        try leaveToOtherBuilds()
        try await log.fence()
        try await readOn()
        try leaveIfOutdated()
        epoch = try number(after: view.highestEpoch)
        try await claim()
        try leaveIfLost()
        try leaveIfOutdated()
        try judgeOthers(succeedsOthers)
        let restored = predecessor == nil ? try await restoreNewest() : nil
        current = restored.flatMap { view.manifests[$0.manifest.id] }
        garbage = unreferenced()
        forgetWarmth()
        return restored
    }

    /// The newest version as the log shows it before the lane is taken. Nobody is shut out.
    public func newest() async throws(LogFailure) -> Manifest? {
        try await readOn()
        try leaveToOtherBuilds()
        return view.newest?.manifest
    }

    /// Reads to the end: everything the first time, and what has come since when one stood by.
    func readOn() async throws(LogFailure) {
        if !isRead { end = try await log.bounds().lowerBound }
        end = try await fold(from: end)
        isRead = true
    }

    /// There never come to be fewer lanes. One who counted fewer than those before it takes inputs for its own that the lane has let go of, and
    /// others read them.
    private func leaveIfOutdated() throws(LogFailure) {
        guard view.mostLanes > identity.lanes else { return }
        throw LogFailure(
            .indefinite,
            "lane \(identity.lane) of model '\(identity.model)' was taken as one of \(view.mostLanes) lanes before, and this trainer counted "
                + "\(identity.lanes): they are counted again")
    }

    private func number(after number: UInt64) throws(LogFailure) -> UInt64 {
        if let next = RecordKey.number(after: number) { return next }
        throw LogFailure(
            .permanent,
            "a record in lane \(identity.lane) of the checkpoint topic of '\(identity.model)' is called by \(number), the last number there is: no "
                + "trainer has written it. Restore the topic from a copy, or train a new model under another name")
    }

    private func claim() async throws(LogFailure) {
        let record = OwnerRecord(
            epoch: epoch, writer: writer, lanes: identity.lanes, host: identity.host, build: identity.build, time: now())
        let key = RecordKey.owner(epoch: epoch, writer: writer)
        let value = try encode { try record.encoded() }
        try await log.begin()
        let offset = try await log.append([LogEntry(key, value)])[0]
        try await log.commit([])
        // What a trainer before us had still in flight is decided once our own record can be read.
        written = offset
        try await readBack()
    }

    /// Reads on past one's own last record.
    private func readBack() async throws(LogFailure) {
        for _ in 0..<100 where end <= written { end = try await fold(from: end) }
        guard end > written else {
            throw LogFailure(
                .indefinite,
                "the record written at offset \(written) cannot be read back; the log ends at \(end): a transaction of somebody else is open"
            )
        }
    }

    private func leaveIfLost() throws(LogFailure) {
        guard view.owner(of: epoch) == writer, view.highestEpoch == epoch else {
            let other = view.owner(of: view.highestEpoch).map(\.description) ?? "nobody"
            throw LogFailure(
                .fenced,
                "lane \(identity.lane) of model '\(identity.model)' was taken in epoch \(view.highestEpoch) by writer \(other); "
                    + "this trainer (epoch \(epoch), writer \(writer)) leaves it")
        }
    }

    /// Whether the lane is another model's, or has versions this build cannot read. Both are refused before anything is written over them.
    private func judgeOthers(_ succeedsOthers: Bool) throws(LogFailure) {
        try leaveToOtherBuilds()
        guard let newest = view.newestOfAnyModel, newest.manifest.body.fingerprint != identity.fingerprint else { return }
        guard succeedsOthers else { throw LogFailure(.permanent, otherConfiguration(newest.manifest.body.fingerprint)) }
        predecessor = newest
    }

    /// What a newer build has learnt is neither passed over nor written over.
    private func leaveToOtherBuilds() throws(LogFailure) {
        guard let record = view.foreignRecord(past: view.newestOfAnyModel) else { return }
        throw LogFailure(
            .permanent, "lane \(identity.lane) of the checkpoint topic of '\(identity.model)' cannot be gone on with: \(record)")
    }

    /// The version of another configuration that this model takes the lane after, with its slots.
    public func restorePredecessor() async throws(LogFailure) -> RestoredVersion? {
        guard let predecessor, let slots = try await slots(of: predecessor.manifest) else { return nil }
        return restored(predecessor, slots)
    }

    private func restoreNewest() async throws(LogFailure) -> RestoredVersion? {
        for attempt in 0..<2 {
            for entry in view.validEntries {
                if let slots = try await slots(of: entry.manifest) { return restored(entry, slots) }
            }
            // A slow reader may have met newer tombstones: read on before giving a version up.
            if attempt == 0 { end = try await fold(from: end) }
        }
        // Without a version the model is new, unless the only ones there were have been damaged. What one wrote who had lost the lane is none.
        guard !view.manifests.values.contains(where: view.isOwned), !view.hasDamagedManifest else {
            throw LogFailure(.permanent, unrestorable)
        }
        return nil
    }

    private var unrestorable: String {
        let fingerprints = Set(view.manifests.values.map(\.manifest.body.fingerprint))
        if let other = fingerprints.first, !fingerprints.contains(identity.fingerprint) { return otherConfiguration(other) }
        let damage = view.damaged.first.map { "; first damaged record: \($0.key), \($0.error)" } ?? ""
        return "none of the \(view.knownManifests.count) versions in the checkpoint topic of '\(identity.model)' is whole\(damage). "
            + "Restore the topic from a copy, or train a new model under another name"
    }

    private func otherConfiguration(_ other: Digest128) -> String {
        "the checkpoint topic of '\(identity.model)' holds a model of another configuration (fingerprint \(other), this one is "
            + "\(identity.fingerprint)): bits, task, features or learner were changed. Use the old configuration or another model name, or begin "
            + "anew with: freshet train --reset (with --warm-start the slots are kept, where they still mean the same)"
    }

    private func restored(_ entry: LaneView.Entry, _ slots: [Int: [UInt8]]) -> RestoredVersion {
        RestoredVersion(manifest: entry.manifest, digest: entry.digest, cleared: isCleared(entry), slots: slots)
    }

    private func isCleared(_ entry: LaneView.Entry) -> Bool {
        view.isCleared(entry.manifest.id) || rungs.contains { $0.id == entry.manifest.id && $0.cleared }
    }

    // MARK: - Reading back

    /// Whether there is any whole manifest in the log, of a version or not.
    public var hasMetManifests: Bool { !view.manifests.isEmpty }

    /// The newest of the versions of whose manifest only parts are in the log.
    public var newestInParts: UInt64? { view.knownManifests.filter { view.manifests[$0] == nil }.map(\.version).max() }

    /// Whether the model has committed offsets of any of these inputs.
    public func hasCommitted(_ inputs: [InputPosition]) async throws(LogFailure) -> Bool { try await log.hasCommitted(inputs) }

    /// A retained version with its slots.
    public func restore(version: UInt64) async throws(LogFailure) -> RestoredVersion? {
        guard let entry = view.validEntries.first(where: { $0.manifest.body.version == version }),
            let slots = try await slots(of: entry.manifest)
        else { return nil }
        return restored(entry, slots)
    }

    func slots(of manifest: Manifest) async throws(LogFailure) -> [Int: [UInt8]]? {
        if let slots = view.slots(of: manifest) { return slots }
        // A broker answers a commit before its markers are written: what was just committed may lie past the stable end.
        if end <= written { try await readBack() }
        let collector = PageCollector(manifest)
        _ = try await log.read(from: manifest.body.restoreFrom) { collector.take($0) }
        if let slots = collector.slots { return slots }
        // A copy of a page that is damaged may lie before all that the version names.
        _ = try await log.read(from: try await log.bounds().lowerBound) { collector.take($0) }
        return collector.slots
    }

    func fold(from offset: Int64) async throws(LogFailure) -> Int64 {
        let box = ViewBox(view)
        let next = try await log.read(from: offset) { records in box.apply(records) }
        view = box.view
        return next
    }

    /// Reads what has come since; throws `.fenced` when somebody else took the lane.
    ///
    /// One's own last version has to be in sight. Where it is not, somebody else's transaction is open before it, and behind that a successor's
    /// record may lie hidden: nothing more may be written then, and above all nothing swept.
    public func lookForSuccessor() async throws(LogFailure) {
        let box = ViewBox(view)
        var next = end
        repeat {
            end = next
            next = try await log.follow(from: end, wait: .zero) { records in box.apply(records) }
        } while next > end
        view = box.view
        try await readBack()
        try leaveIfLost()
    }

    // MARK: - What is retained

    /// Every retained version, oldest first, the newest included.
    public var rungs: [Rung] {
        if let current { return line(to: current) }
        // The versions of the model before are none of ours; readers need them until one of ours is cleared.
        return (predecessor.map(line) ?? []).map { rung in
            var rung = rung
            rung.isUndone = true
            return rung
        }
    }

    private func line(to entry: LaneView.Entry) -> [Rung] {
        entry.manifest.body.ladder.map(withClearance) + [withClearance(entry.rung(cleared: false))]
    }

    private func withClearance(_ rung: Rung) -> Rung {
        var rung = rung
        rung.cleared = rung.cleared || view.isCleared(rung.id)
        return rung
    }

    /// The pages whose last copy is oldest: as many as make every page new again within R versions.
    public var scrubDue: [Int] {
        guard let pages = current?.manifest.pages else { return [] }
        let share = (pages.count + scrubVersions - 1) / scrubVersions
        return pages.sorted { ($0.id.version, $0.index) < ($1.id.version, $1.index) }.prefix(share).map { Int($0.index) }
    }

    /// The number the next version will have.
    public var nextVersion: UInt64 { view.highestVersion + 1 }

    /// The newest version that had inspected no more than so many events.
    ///
    /// Versions that a rollback went back past are not asked: their numbers count other events, and they hold what was to be undone.
    public func newestVersion(inspectedNoMoreThan sequence: UInt64) -> UInt64? {
        let forebears = Set(rungs.filter { !$0.isUndone }.map(\.id))
        return view.validEntries.first { entry in
            forebears.contains(entry.manifest.id) && entry.manifest.body.state.inspector.sequence <= sequence
        }?.manifest.body.version
    }

    // MARK: - Writing

    /// Writes the next version in one transaction (a large one's pages in several before it) and returns its manifest.
    public func write(_ cut: Cut) async throws(LogFailure) -> Manifest {
        try await lookForSuccessor()
        let version = try number(after: view.highestVersion)
        let records = cut.pages.map { page in
            PageRecord(
                lane: identity.lane, index: UInt32(page.index), version: version, fingerprint: identity.fingerprint, slots: page.slots)
        }
        do throws(LogFailure) {
            return try await write(cut, version: version, records)
        } catch {
            await log.abandon()
            throw error
        }
    }

    private func write(_ cut: Cut, version: UInt64, _ records: [PageRecord]) async throws(LogFailure) -> Manifest {
        let id = VersionID(version: version, writer: writer)
        let offsets = try await append(records, of: id)
        let pages = table(
            of: cut,
            zip(records, offsets).map { record, offset in
                PageReference(index: record.index, id: id, digest: record.digest, offset: offset)
            })
        let manifest = Manifest(body: body(of: cut, version: version, pages: pages), pages: pages)
        let (bytes, digest) = try encode { try manifest.encoded() }
        let swept = garbage.filter { !isNeeded($0, by: manifest) }
        _ = try await log.append(swept.map { LogEntry($0, nil) })
        try await log.setAside(cut.quarantined)
        let parts = ManifestParts.split(bytes, into: limits.partBytes).enumerated().map { number, part in
            LogEntry(.manifest(id, part: UInt16(number)), part)
        }
        let manifestOffsets = try await log.append(parts)
        try await log.commit(cut.state.inputs.filter { !$0.isHandedOver })
        for key in swept { view.apply(LogRecord(offset: end, key: key.bytes, value: nil)) }
        for (record, offset) in zip(records, offsets) {
            view.note(record, id: id, at: offset)
        }
        written = manifestOffsets[manifestOffsets.count - 1]
        let entry = LaneView.Entry(manifest: manifest, digest: digest, offset: written)
        view.note(entry, parts: UInt16(parts.count))
        current = entry
        // `end` stays: a successor's record may lie between ours, and on a broker that fences nobody it is all that tells us to leave.
        garbage = unreferenced()
        return manifest
    }

    /// Appends pages; those that are too many for one transaction in others before it. Leaves the last transaction open.
    private func append(_ records: [PageRecord], of id: VersionID) async throws(LogFailure) -> [Int64] {
        var offsets: [Int64] = []
        var chunk: [LogEntry] = []
        var bytes = 0
        try await log.begin()
        for record in records {
            if bytes + record.slots.count > limits.transactionBytes, !chunk.isEmpty {
                offsets += try await log.append(chunk)
                try await log.commit([])
                try await log.begin()
                (chunk, bytes) = ([], 0)
            }
            chunk.append(LogEntry(.page(PageID(index: record.index, id: id)), record.encoded()))
            bytes += record.slots.count
        }
        return offsets + (try await log.append(chunk))
    }

    private func table(of cut: Cut, _ written: [PageReference]) -> [PageReference] {
        var table: [UInt32: PageReference] = [:]
        for page in current?.manifest.pages ?? [] { table[page.index] = page }
        if let restored = cut.restores {
            let kept = Set(restored.pages.map(\.index))
            table = table.filter { kept.contains($0.key) }
        }
        for page in written { table[page.index] = page }
        return table.values.sorted { $0.index < $1.index }
    }

    private func body(of cut: Cut, version: UInt64, pages: [PageReference]) -> Manifest.Body {
        let ladder = ladder(after: cut)
        var state = cut.state
        if let expected = cut.expectedVersion { state.renumber(expected, as: version) }
        var epochs = Set(ladder.map(\.epoch))
        epochs.insert(epoch)
        return Manifest.Body(
            model: identity.model, lane: identity.lane, lanes: identity.lanes, version: version, epoch: epoch, writer: writer,
            parent: current.map { Manifest.Parent(version: $0.manifest.body.version, digest: $0.digest) },
            fingerprint: identity.fingerprint, specification: identity.specification, pageCount: identity.pageCount,
            restoreFrom: pages.map(\.offset).min() ?? end, owners: view.owners(of: epochs), ladder: ladder, pinned: cut.pinned,
            state: state, modelDigest: cut.modelDigest, createdAt: now(), host: identity.host, build: identity.build,
            restores: cut.imported == nil ? cut.restores?.body.version : nil, imported: cut.imported)
    }

    private func ladder(after cut: Cut) -> [Rung] {
        let rungs = rungs.map { rung in
            var rung = rung
            if let pinned = cut.pins[rung.version] { rung.pinned = pinned }
            return rung
        }
        return retention.keep(cut.restores.map { line(of: $0, in: rungs) } ?? rungs, needed: cut.needed)
    }

    /// After a rollback the forebears are those of the version brought back.
    private func line(of restored: Manifest, in rungs: [Rung]) -> [Rung] {
        var forebears = Set(restored.body.ladder.filter { !$0.isUndone }.map(\.id))
        forebears.insert(restored.id)
        return rungs.map { rung in
            var rung = rung
            rung.isUndone = !forebears.contains(rung.id)
            return rung
        }
    }

    /// Judges a version clean: readers may serve it from now on.
    ///
    /// - Returns: whether it is cleared now; one that is not retained any more is not.
    @discardableResult
    public func clear(_ version: UInt64) async throws(LogFailure) -> Bool {
        guard let rung = rungs.first(where: { $0.version == version }) else { return false }
        guard !rung.cleared else { return true }
        let key = RecordKey.cleared(rung.id)
        let value = try encode { try RecordJSON.encode(["time": now()]) }
        do throws(LogFailure) {
            try await lookForSuccessor()
            try await log.begin()
            let offset = try await log.append([LogEntry(key, value)])[0]
            try await log.commit([])
            view.apply(LogRecord(offset: offset, key: key.bytes, value: value))
            written = offset
            return true
        } catch {
            await log.abandon()
            throw error
        }
    }

    // MARK: - Garbage

    private func isNeeded(_ key: RecordKey, by manifest: Manifest) -> Bool {
        guard case .page(let page) = key else { return false }
        return manifest.pages.contains { $0.page == page }
    }

    private func unreferenced() -> [RecordKey] {
        var retained = Set(rungs.map(\.id))
        if let current { retained.insert(current.manifest.id) }
        var epochs = Set(rungs.map(\.epoch))
        epochs.insert(epoch)
        return view.garbage(retained: retained, epochs: epochs)
    }

    private func encode<Value>(_ body: () throws -> Value) throws(LogFailure) -> Value {
        do {
            return try body()
        } catch {
            throw LogFailure(.permanent, "a record of lane \(identity.lane) cannot be encoded: \(error)")
        }
    }
}
