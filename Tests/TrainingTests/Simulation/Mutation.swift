@testable import Checkpointing
@testable import Learning
import Synchronization

@testable import Training

/// Something that is broken on purpose, to see that the checks notice.
enum Mutation: String, CaseIterable, Sendable {
    /// A publisher that takes the last manifest and the pages it names as they are.
    case trustsTheLastOffset
    /// A trainer that does not see the owner records of others.
    case seesNoOwners
    /// Pages of a version go with the next one, though the ladder still has it.
    case sweepsPagesTooEarly
    /// No version is kept but the newest.
    case keepsOneVersion
    /// A version is cleared as soon as it is written.
    case clearsAtOnce
    /// A commit without an answer counts as done.
    case believesInCommits
    /// A commit that never comes.
    case neverCommits
    /// An event is passed over in silence.
    case losesAnEvent
    /// Something is counted that was not learnt.
    case countsTwice
    /// Something moves the model of a frozen lane.
    case learnsWhileFrozen

    /// Whose checks have to notice it.
    var broken: Set<Invariant> {
        switch self {
        case .trustsTheLastOffset: [.servingNeverGoesBack, .damageChangesNothing]
        case .seesNoOwners: [.theLoserCommitsNothing, .theAcknowledgedIsNeverLost]
        case .sweepsPagesTooEarly: [.whatIsRetainedExists]
        case .keepsOneVersion: [.whatIsRetainedExists, .damageChangesNothing]
        case .clearsAtOnce: [.onlyTheJudgedIsServed]
        case .believesInCommits: [.theAcknowledgedIsNeverLost]
        case .neverCommits: [.aVersionWithinTwoIntervals]
        case .losesAnEvent: [.restoredIsTheFold, .aKilledRunEndsInTheSameBits]
        case .countsTwice: [.everyOffsetIsAccountedFor]
        case .learnsWhileFrozen: [.frozenStandsStill, .restoredIsTheFold]
        }
    }

    func spoil(_ trainer: isolated LaneTrainer) {
        if self == .learnsWhileFrozen, trainer.engine.isFrozen { trainer.engine.learner.globals.intercept.z += 1 }
        if self == .countsTwice, !trainer.engine.isFrozen { trainer.engine.state.counts.learnt += 1 }
    }

    func spoil(_ log: HookedLog) -> any CheckpointLog { SpoiltLog(log, self) }

    func spoil(_ batch: inout InputBatch) {
        if self == .losesAnEvent { batch.records.removeAll { $0.checksum % 101 == 7 } }
    }
}

/// A log behind which something is broken.
private final class SpoiltLog: CheckpointLog {
    private let log: HookedLog
    private let mutation: Mutation
    private let pages = Mutex<Set<PageID>>([])
    private let manifests = Mutex<[VersionID]>([])
    private let mine = Mutex<WriterID?>(nil)

    init(_ log: HookedLog, _ mutation: Mutation) {
        self.log = log
        self.mutation = mutation
    }

    func fence() async throws(LogFailure) { try await log.fence() }
    func begin() async throws(LogFailure) { try await log.begin() }
    func setAside(_ events: [QuarantinedEvent]) async throws(LogFailure) { try await log.setAside(events) }
    func abandon() async { await log.abandon() }
    func bounds() async throws(LogFailure) -> Range<Int64> { try await log.bounds() }
    func hasCommitted(_ inputs: [InputPosition]) async throws(LogFailure) -> Bool { try await log.hasCommitted(inputs) }
    func close() { log.close() }

    func append(_ entries: [LogEntry]) async throws(LogFailure) -> [Int64] {
        for entry in entries {
            if case .owner(_, let writer) = entry.key { mine.withLock { $0 = writer } }
            if case .page(let page) = entry.key, entry.value != nil { _ = pages.withLock { $0.insert(page) } }
        }
        if mutation == .sweepsPagesTooEarly || mutation == .keepsOneVersion { try await sweep(before: entries) }
        return try await log.append(entries)
    }

    /// Every page that a manifest about to be written does not name goes, and every older manifest.
    private func sweep(before entries: [LogEntry]) async throws(LogFailure) {
        guard case .manifest(let id, _)? = entries.first?.key, let value = entries.first?.value,
            let manifest = try? Manifest.decode(Array(value.dropFirst(8))).manifest
        else { return }
        let needed = Set(manifest.pages.map(\.page))
        let swept = pages.withLock { pages in
            defer { pages.formIntersection(needed) }
            return pages.subtracting(needed).sorted { $0.id < $1.id }
        }
        _ = try await log.append(swept.map { LogEntry(.page($0), nil) })
        let former = manifests.withLock { former in
            defer { former = [id] }
            return former
        }
        if mutation == .keepsOneVersion { _ = try await log.append(former.map { LogEntry(.manifest($0, part: 0), nil) }) }
    }

    func commit(_ inputs: [InputPosition]) async throws(LogFailure) {
        if mutation == .neverCommits, !inputs.isEmpty { throw LogFailure(.indefinite, "no answer to the commit") }
        do throws(LogFailure) {
            try await log.commit(inputs)
        } catch {
            if mutation != .believesInCommits { throw error }
        }
    }

    func read(from offset: Int64, _ body: @escaping @Sendable ([LogRecord]) -> Void) async throws(LogFailure) -> Int64 {
        try await log.read(from: offset) { body(self.shown($0)) }
    }

    func follow(
        from offset: Int64, wait: Duration, _ body: @escaping @Sendable ([LogRecord]) -> Void
    ) async throws(LogFailure) -> Int64 {
        try await log.follow(from: offset, wait: wait) { body(self.shown($0)) }
    }

    private func shown(_ records: [LogRecord]) -> [LogRecord] {
        guard mutation == .seesNoOwners, let mine = mine.withLock({ $0 }) else { return records }
        return records.filter { record in
            guard case .owner(_, let writer)? = RecordKey(record.key) else { return true }
            return writer == mine
        }
    }
}

/// Takes the last manifest of the log for the state, and whatever its pages' records hold for its pages.
actor CredulousReader {
    private let log: HookedLog
    private var handedOut: Digest128?

    init(log: HookedLog) { self.log = log }

    func newestCleared() async throws -> RestoredVersion? {
        let records = Shared<[LogRecord]>([])
        _ = try await log.read(from: 0) { batch in records.state.withLock { $0 += batch } }
        var slots: [PageID: [UInt8]] = [:]
        var last: (manifest: Manifest, digest: Digest128)?
        for record in records.state.withLock({ $0 }) {
            guard let value = record.value else { continue }
            switch RecordKey(record.key) {
            case .page(let page): slots[page] = Array(value.dropFirst(56).dropLast(8))
            case .manifest: last = (try? Manifest.decode(Array(value.dropFirst(8)))).map { ($0.manifest, $0.digest) } ?? last
            default: break
            }
        }
        guard let last, last.digest != handedOut else { return nil }
        handedOut = last.digest
        let pages = last.manifest.pages.compactMap { page in slots[page.page].map { (Int(page.index), $0) } }
        return RestoredVersion(manifest: last.manifest, digest: last.digest, cleared: true, slots: Dictionary(pages) { $1 })
    }
}
