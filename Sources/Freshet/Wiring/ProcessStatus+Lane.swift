import Checkpointing
import Inspection
import Learning
import Supervision
import Training

/// A lane's status as the control topic gets it.
extension ProcessStatus {
    static func instance(_ identity: ProcessIdentity, lane: UInt16) -> String { "\(identity.instance).\(lane)" }

    init(_ status: LaneStatus, settings: Settings, identity: ProcessIdentity, at: Int64) {
        self.init(
            process: .trainer, instance: Self.instance(identity, lane: status.lane), host: identity.host, build: Build.version,
            model: settings.model, lane: Int(status.lane), at: at, heartbeat: status.heartbeat, version: status.version?.number,
            versionCreatedAt: status.version?.createdAt, gate: GateStatus(status.gate),
            positions: status.inputs.map { input in
                Position(
                    topic: input.position.topic, partition: input.position.partition, learned: input.position.next,
                    inspected: input.inspected,
                    end: input.end, start: input.position.start)
            },
            counts: Counts(
                learned: status.counts.learnt, quarantined: status.counts.quarantined, skipped: status.counts.skipped,
                gaps: status.counts.gaps, rejectedByReason: status.counts.quarantinedByReason, duplicates: status.duplicates),
            metrics: QualitySummary(status.metrics), twin: status.twin.flatMap { Twin($0, now: status.eventTimes?.upperBound) },
            lag: Int(status.lag), feed: status.feed.rawValue)
        window = status.window.map { QualitySummary($0) }
        cleared = status.cleared
        modelDigest = status.modelDigest.description
        pending = status.pending
    }
}

extension ProcessStatus.GateStatus {
    init(_ gate: Gate) {
        self.init(
            state: gate.state.rawValue,
            causes: gate.causes.map {
                ProcessStatus.Cause(kind: $0.kind.rawValue, detail: $0.detail, since: $0.since, resume: $0.resume.rawValue)
            })
    }
}

extension ProcessStatus.Twin {
    init?(_ twin: TwinState, now: Int64?) {
        guard twin.twinMetrics.examples > 0 else { return nil }
        self.init(
            ageSeconds: Double((now ?? twin.eventTime) - twin.eventTime) / 1_000, version: twin.version,
            metrics: .init(twin.twinMetrics.summary), learner: .init(twin.learnerMetrics.summary))
    }
}

extension ProcessStatus.QualitySummary {
    init(_ summary: MetricsSummary) {
        self.init(examples: summary.examples, weight: summary.weight)
        logLoss = summary.logLoss
        normalizedEntropy = summary.normalizedEntropy
        auc = summary.auc
        accuracy = summary.accuracy
        calibration = summary.calibration
        rmse = summary.rmse
        mae = summary.mae
        meanLoss = summary.meanLoss
    }
}
