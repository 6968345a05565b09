import Checkpointing
import Inspection
import Learning
import Metrics
import Training

/// A lane's figures for Prometheus.
struct LaneMetrics: Sendable {
    private let dimensions: [(String, String)]
    private var learnt: UInt64 = 0
    private var gaps: UInt64 = 0
    private var duplicates: UInt64 = 0
    private var quarantined: [String: UInt64] = [:]

    init(model: String, lane: UInt16) { dimensions = [("model", model), ("lane", String(lane))] }

    mutating func update(_ status: LaneStatus, now: Int64) {
        gauge("freshet_gate_frozen", status.gate.isLearning ? 0 : 1)
        gauge("freshet_input_lag_events", Double(status.lag))
        gauge("freshet_pending_events", Double(status.pending))
        gauge("freshet_heartbeat_seconds", Double(now) / 1_000)
        if let version = status.version {
            gauge("freshet_version", Double(version.number))
            gauge("freshet_version_age_seconds", Double(now - version.createdAt) / 1_000)
        }
        if let loss = status.window?.logLoss ?? status.window?.meanLoss { gauge("freshet_window_loss", loss) }
        count("freshet_learned_events_total", status.counts.learnt, since: learnt, dimensions)
        learnt = max(learnt, status.counts.learnt)
        count("freshet_gap_offsets_total", status.counts.gaps, since: gaps, dimensions)
        gaps = max(gaps, status.counts.gaps)
        if let repeated = status.duplicates {
            count("freshet_duplicate_events_total", repeated, since: duplicates, dimensions)
            duplicates = max(duplicates, repeated)
        }
        for (reason, number) in status.counts.quarantinedByReason {
            count("freshet_quarantined_events_total", number, since: quarantined[reason] ?? 0, dimensions + [("reason", reason)])
            quarantined[reason] = max(number, quarantined[reason] ?? 0)
        }
    }

    private func gauge(_ label: String, _ value: Double) { Gauge(label: label, dimensions: dimensions).record(value) }

    /// A rollback takes events back; a counter only ever grows.
    private func count(_ label: String, _ now: UInt64, since last: UInt64, _ dimensions: [(String, String)]) {
        Counter(label: label, dimensions: dimensions).increment(by: now > last ? now - last : 0)
    }
}
