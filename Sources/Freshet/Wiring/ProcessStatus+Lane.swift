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
            versionCreatedAt: status.version?.createdAt, gate: GateStatus(status),
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
        raised = status.raised.isEmpty ? nil : status.raised.map { Raised(detector: $0.detector, detail: $0.sentence) }
    }
}

extension ProcessStatus.GateStatus {
    init(_ status: LaneStatus) {
        self.init(state: status.gate.state.rawValue, causes: status.gate.causes.map { ProcessStatus.Cause($0) })
        cleanRun = status.cleanRun
        expectation = status.expectation.map {
            ProcessStatus.Expectation(until: $0.until, author: $0.author, reason: $0.reason)
        }
        guard !status.frozenRanges.isEmpty else { return }
        ranges = status.frozenRanges.map {
            ProcessStatus.Range(topic: $0.topic, partition: $0.partition, from: $0.from, to: $0.to)
        }
    }
}

extension ProcessStatus.Cause {
    init(_ cause: FreezeCause) {
        self.init(kind: cause.kind.rawValue, detail: cause.detail, since: cause.since, resume: cause.resume.rawValue)
        (evidence, threshold) = (cause.evidence, cause.threshold)
        (did, rolledBackTo) = (cause.did?.rawValue, cause.rolledBackTo)
        (author, reason) = (cause.author, cause.reason)
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
