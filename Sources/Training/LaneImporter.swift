public import Checkpointing
import Inspection
import Learning
public import Logging

/// Takes a lane, writes a file's version as the lane's next one, and leaves.
///
/// As a rollback does, it writes a version of its own with the slots of another, so readers need no special case, and it inherits that one's
/// clearance.
public actor LaneImporter: LaneOwner {
    /// What became of the file.
    public struct Outcome: Sendable {
        public var manifest: Manifest
        public var cleared: Bool
        public var keptPositions: Bool
    }

    private let file: VersionFile
    private let start: InputStart?
    private let specification: ModelSpecification
    private let writer: LaneWriter
    private let source: any EventSource
    private let others: any OtherLanes
    private let logger: Logger
    /// Whether the lane was handed out: from then on it ends by itself, whichever way.
    public private(set) var hasBegun = false
    public private(set) var outcome: Outcome?

    /// - Parameter start: where to go on; nil goes on at the file's positions, and refuses if that cannot be.
    public init(
        file: VersionFile, start: InputStart?, specification: ModelSpecification, writer: LaneWriter, source: any EventSource,
        others: any OtherLanes = NoOtherLanes(), logger: Logger
    ) {
        self.file = file
        self.start = start
        self.specification = specification
        self.writer = writer
        self.source = source
        self.others = others
        self.logger = logger
    }

    public func run(during tenure: Tenure = Tenure()) async throws -> LaneEnd {
        hasBegun = true
        do {
            try verifyModel()
            try await bringIn()
            return .left
        } catch let refusal as ImportRefusal {
            throw LogFailure(.permanent, refusal.description)
        }
    }

    private func bringIn() async throws {
        // Whatever forbids it comes before anything is written, and is asked again when nobody else can write any more.
        let (first, available) = try await plan(over: try await writer.newest()?.body)
        if first.keepsPositions { try await verifyPositions(first.state.inputs, available) }
        let current = try await writer.take()?.manifest
        let plan = try await plan(over: current?.body).plan
        let manifest = try await writer.write(cut(plan, over: current))
        if file.cleared { try await writer.clear(manifest.body.version) }
        outcome = Outcome(manifest: manifest, cleared: file.cleared, keptPositions: plan.keepsPositions)
        logger.notice(
            "Version imported",
            metadata: [
                "version": "\(manifest.body.version)", "lane": "\(writer.identity.lane)", "keepsPositions": "\(plan.keepsPositions)",
            ])
    }

    private func plan(over lane: Manifest.Body?) async throws -> (plan: ImportPlan, available: [AvailableInput]) {
        let identity = writer.identity
        let held = lane?.state.inputs.filter { !$0.isHandedOver } ?? []
        let place = ImportPlace(
            model: identity.model, share: LaneShare(lane: identity.lane, of: identity.lanes), lane: lane, others: try await others.look(),
            available: try await source.partitions(besides: held))
        return (try ImportPlan(file.manifest.body, at: place, start: start), place.available)
    }

    private func cut(_ plan: ImportPlan, over current: Manifest?) -> Cut {
        let body = file.manifest.body
        let present = Dictionary((current?.pages ?? []).map { ($0.index, $0.digest) }) { $1 }
        let changed = file.manifest.pages.filter { present[$0.index] != $0.digest }
        var cut = Cut(
            state: plan.state, pages: changed.map { CutPage(index: Int($0.index), slots: file.slots[Int($0.index)] ?? []) },
            modelDigest: body.modelDigest)
        cut.restores = file.manifest
        cut.imported = Manifest.Origin(body)
        return cut
    }

    // MARK: - Judging the file

    /// The slots, put into a learner, have the digest of the model: nothing is written before that.
    private func verifyModel() throws {
        let (body, identity) = (file.manifest.body, writer.identity)
        guard body.fingerprint == identity.fingerprint else {
            throw ImportRefusal.otherConfiguration(file: body.fingerprint, model: identity.fingerprint)
        }
        var learner = Learner(specification.learner)
        for (index, slots) in file.slots.sorted(by: { $0.key < $1.key }) {
            guard index < learner.pageCount else { throw ImportRefusal.damaged("page \(index) of \(learner.pageCount)") }
            try learner.load(page: index, from: slots)
        }
        learner.restore(body.state.globals)
        let digest = learner.digest(fingerprint: identity.fingerprint)
        guard digest == body.modelDigest else { throw ImportRefusal.damaged("its digest is \(digest), not \(body.modelDigest)") }
    }

    /// Reads the last event that the file's model took of each input once more: a topic that was made anew holds another one there.
    private func verifyPositions(_ positions: [InputPosition], _ available: [AvailableInput]) async throws {
        let lows = Dictionary(available.map { ("\($0.topic)[\($0.partition)]", $0.low) }) { $1 }
        let inputs = positions.filter { input in
            !input.isHandedOver && input.last.map { $0.offset >= lows["\(input.topic)[\(input.partition)]"] ?? 0 } == true
        }
        var open = Set(inputs.indices)
        _ = try await source.assign(
            inputs.map { input in
                var reading = input
                reading.next = input.last?.offset ?? input.next
                return reading
            })
        let patience = ContinuousClock.now + .seconds(20)
        while !open.isEmpty {
            guard ContinuousClock.now < patience else {
                throw LogFailure(.indefinite, "the last events that the file's model took could not be read again within 20 s")
            }
            let batch = try await source.next(wait: .milliseconds(200))
            for record in batch.records where open.remove(record.input) != nil { try compare(record, with: inputs[record.input]) }
            for end in batch.ends { open.remove(end.input) }
        }
    }

    private func compare(_ record: InputBatch.Record, with input: InputPosition) throws {
        guard let last = input.last, last.offset == record.offset, last.checksum != LaneEngine.text(of: record.checksum) else { return }
        throw ImportRefusal.noPositions(
            "\(input.topic)[\(input.partition)] holds another event at offset \(last.offset) than the one it had learnt there: the topic was "
                + "made anew")
    }
}
