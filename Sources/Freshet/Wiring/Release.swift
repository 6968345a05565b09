import Checkpointing
import Events
import Inspection
import Learning
import Publishing
import Supervision
import Training

/// The cleared versions of all lanes as one model: their average.
struct Release {
    var snapshot: Snapshot
    var evidence: ReleaseEvidence
    var isRollback: Bool

    init(_ lanes: [RestoredVersion], gate: GateView) throws {
        let bodies = lanes.map(\.manifest.body)
        let specification = try ModelSpecification(text: bodies[0].specification)
        try specification.learner.validate()
        for lane in lanes { try Self.prove(lane, specification) }
        let models = try lanes.map { lane in
            try LinearModel(specification: specification.learner, globals: lane.manifest.body.state.globals, pages: lane.slots)
        }
        let model = models.count == 1 ? models[0] : LinearModel.average(models)
        // An operator brought it back, or brought it in.
        isRollback = bodies.contains { $0.restores != nil || $0.imported != nil }
        evidence = ReleaseEvidence(bodies.map(\.state), weightsFinite: model.isFinite)
        snapshot = Snapshot(
            modelName: bodies[0].model, version: bodies.map(\.version), model: model, schema: specification.events,
            digest: bodies.map(\.modelDigest.description).joined(separator: "."), createdAt: bodies.map(\.createdAt).min() ?? 0,
            inputWatermark: bodies.compactMap(\.state.eventTimes?.upperBound).min() ?? 0, metrics: Self.merged(bodies.map(\.state)),
            window: bodies.compactMap(\.state.metrics.lastWindow).last, gate: gate,
            fields: Self.fields(bodies[0].state.inspector.profile, specification.events))
    }

    /// What is served is what was learnt, to the bit.
    private static func prove(_ lane: RestoredVersion, _ specification: ModelSpecification) throws {
        let body = lane.manifest.body
        guard try specification.fingerprint() == body.fingerprint else {
            throw WorkFailure(
                "version \(body.version) of lane \(body.lane) is of a model whose configuration this build does not know whole; serve it with "
                    + "the build that trains it (\(body.build))")
        }
        let digest = specification.learner.modelDigest(fingerprint: body.fingerprint, globals: body.state.globals, pages: lane.slots)
        guard digest == body.modelDigest else {
            throw WorkFailure(
                "version \(body.version) of lane \(body.lane) has the slots of another model (digest \(digest)) than it says (\(body.modelDigest)); "
                    + "it is not served")
        }
    }

    private static func merged(_ states: [LaneState]) -> MetricsSummary {
        var metrics = states[0].metrics.total
        for state in states.dropFirst() { metrics.merge(state.metrics.total) }
        return metrics.summary
    }

    /// What a client may send by the Open Inference Protocol: declared fields by their type, others as training met them.
    private static func fields(_ profile: Profile, _ schema: EventSchema) -> [FieldDescription] {
        var fields = schema.declared.mapValues { field -> FieldDescription.Datatype in
            switch field.type {
            case .number: .number
            case .boolean: .boolean
            case .category, .text: .text
            }
        }
        for field in profile.fields where fields[field.name] == nil && schema.undeclared == .learn {
            // A category's value is always 1; anything that ever was another number is a number.
            let isCategory = field.values.minimum == 1 && field.values.maximum == 1
            fields[field.name] = isCategory ? .text : .number
        }
        return fields.sorted { $0.key < $1.key }.map { FieldDescription(path: $0.key, datatype: $0.value) }
    }
}

extension ReleaseEvidence {
    /// Judged by the last full window, or by the whole stream before the first is full.
    init(_ states: [LaneState], weightsFinite: Bool) {
        var recent = states[0].metrics.recent
        for state in states.dropFirst() { recent.merge(state.metrics.recent) }
        let summary = recent.summary
        self.init(
            examples: UInt64(summary.examples), recentLoss: summary.logLoss ?? summary.rmse,
            constantLoss: recent.constantLogLoss ?? recent.constantRMSE, calibration: summary.calibration, weightsFinite: weightsFinite)
    }
}

extension GateView {
    /// The trainers' gates as one: the worst of them, with every cause.
    init(trainers: [ProcessStatus]) {
        let gates = trainers.compactMap(\.gate)
        let state: State = gates.contains { $0.state == "frozen" } ? .frozen : gates.contains { $0.state == "suspect" } ? .suspect : .open
        self.init(
            state: state,
            causes: gates.flatMap(\.causes).map { Cause(kind: $0.kind, detail: $0.detail, since: $0.since, resume: $0.resume) })
    }
}

extension VersionRow {
    init(_ rung: Rung, lane: Int) {
        self.init(
            lane: lane, version: String(rung.version), createdAt: rung.createdAt, digest: rung.modelDigest.description,
            events: Int(rung.learnt),
            metrics: rung.metrics, cleared: rung.cleared, pinned: rung.pinned)
    }
}

extension [String: [UInt8]] {
    /// The status documents that can be read, by key.
    var processStatuses: [ProcessStatus] {
        filter { (try? RecordJSON.checkUnnumbered($0.value)) != nil }.sorted { $0.key < $1.key }.compactMap {
            try? RecordJSON.decode(ProcessStatus.self, from: $0.value)
        }
    }
}

extension [ProcessStatus] {
    /// The trainer of each lane: the one that wrote the newest version. One that was killed, or lost the lane, leaves its last word behind.
    var laneOwners: [ProcessStatus] {
        let trainers = filter { $0.process == .trainer && $0.lane != nil }
        let owners = Dictionary(grouping: trainers, by: \.lane).values.compactMap { claims in
            claims.max { ($0.version ?? 0, $0.at) < ($1.version ?? 0, $1.at) }
        }
        return owners.sorted { ($0.lane ?? 0) < ($1.lane ?? 0) }
    }
}
