import Checkpointing
import Foundation
import Inspection
import Kafka
import Logging
import Metrics
import Supervision
import Training

/// Brings what a lane says to the control topic, the audit topic and the metrics, and commands to the lane.
///
/// What is reported must never stop what is learnt: the lane waits for its observer, and a delivery may take as long as `message.timeout.ms`. So
/// what goes to a topic is only handed to that topic's sender here. One sender for each, as one topic may be away and the other not.
actor LaneReporter: LaneObserver {
    private let settings: Settings
    private let identity: ProcessIdentity
    private let control: ControlTopic
    private let toControl: ReportSender
    private let toAudit: ReportSender
    private let logger: Logger
    private var metrics: [UInt16: LaneMetrics] = [:]
    private var hasLeft = false
    private var lastAlerts: [String: Double] = [:]
    /// Seconds between two tellings of one detector's alert.
    private static let alertPause = 300.0
    /// What still waits at the end has so long.
    private static let patience = Duration.seconds(4)
    /// The last document of each lane, for those who look on in the same process.
    private(set) var statuses: [UInt16: LaneStatus] = [:]

    init(settings: Settings, identity: ProcessIdentity, control: ControlTopic, audit: Producer?, logger: Logger) {
        self.settings = settings
        self.identity = identity
        self.control = control
        self.logger = logger
        let topics = ReportTopics(settings: settings, identity: identity, control: control, audit: audit)
        toControl = ReportSender(topic: settings.names.control, logger: logger, send: { try await topics.send($0) })
        toAudit = ReportSender(topic: settings.names.audit, logger: logger, send: { try await topics.send($0) })
    }

    func status(_ status: LaneStatus) async {
        statuses[status.lane] = status
        metrics[status.lane, default: LaneMetrics(model: settings.model, lane: status.lane)].update(status, now: Clocks.wall())
        let document = ProcessStatus(status, settings: settings, identity: identity, at: Clocks.wall())
        guard let value = encoded(document) else { return }
        await toControl.submit(.status(lane: status.lane, value))
    }

    func wrote(_ manifest: Manifest, seconds: Double) async {
        Timer(label: "freshet_checkpoint_seconds", dimensions: [("model", settings.model), ("lane", String(manifest.body.lane))])
            .recordNanoseconds(Int64(seconds * 1e9))
        logger.debug(
            "Version written",
            metadata: ["version": "\(manifest.body.version)", "pages": "\(manifest.pages.count)", "seconds": "\(seconds)"])
    }

    func audit(_ entry: LaneAudit, lane: UInt16) async {
        switch entry {
        case .gate(let change): await audit(change, lane: lane)
        case .rollback(let rollback): await audit(rollback, lane: lane)
        }
    }

    private func audit(_ change: GateChange, lane: UInt16) async {
        let transition = change.transition
        let causes = transition.causes.map { "\($0.kind.rawValue): \($0.detail)" }.joined(separator: "; ")
        let ranges = change.ranges.map(\.description).joined(separator: "; ")
        var metadata: Logger.Metadata = [
            "lane": "\(lane)", "from": "\(transition.from.rawValue)", "to": "\(transition.to.rawValue)", "causes": "\(causes)",
        ]
        if !ranges.isEmpty { metadata["ranges"] = "\(ranges)" }
        if let by = transition.resumption { metadata["by"] = "\(by.author), with \(by.mode): \(by.reason)" }
        logger.notice("The gate changed", metadata: metadata)
        var record = AuditRecord(settings, identity, lane: lane, what: "gate", transition: transition)
        record.ranges = change.ranges.isEmpty ? nil : change.ranges
        record.skips = change.skips.isEmpty ? nil : change.skips
        await write(record)
    }

    private func audit(_ rollback: LaneRollback, lane: UInt16) async {
        logger.notice(
            "A version was to be brought back",
            metadata: [
                "lane": "\(lane)", "from": "\(rollback.from ?? 0)", "to": "\(rollback.to.map(String.init) ?? "none is retained")",
                "cause": "\(rollback.cause)", "reason": "\(rollback.reason)",
            ])
        var record = AuditRecord(settings, identity, lane: lane, what: "rollback")
        record.rollback = rollback
        await write(record)
    }

    func alert(_ alarm: Alarm, lane: UInt16) async {
        // A band that the stream keeps leaving is told once in a while, not at every window.
        let key = "\(lane)/\(alarm.detector)"
        guard alarm.action == .freeze || Clocks.monotonic() - (lastAlerts[key] ?? -.infinity) >= Self.alertPause else { return }
        lastAlerts[key] = Clocks.monotonic()
        logger.warning(
            "A detector raised an alarm",
            metadata: [
                "lane": "\(lane)", "detector": "\(alarm.detector)", "action": "\(alarm.action.rawValue)", "what": "\(alarm.sentence)",
            ])
        await write(AuditRecord(settings, identity, lane: lane, what: "alarm", alarm: alarm))
    }

    func answer(_ answer: ControlAnswer) async {
        await toControl.submit(.answer(answer))
        await write(AuditRecord(settings, identity, lane: answer.lane, what: "command", answer: answer))
    }

    func commands(lane: UInt16) async -> [ControlCommand] { await control.view.open(for: lane) }

    func unreadable(lane: UInt16) async -> [UnreadableCommand] { await control.view.unreadable(for: lane) }

    /// Keeps the view of the control topic fresh.
    func tail() async throws {
        while !Task.isCancelled {
            await refresh()
            // The topic is closed by now, and a service that ends before it is asked to counts as failed.
            if hasLeft { try? await Task.sleep(for: .seconds(1)) }
        }
    }

    private func refresh() async {
        do {
            try await control.refresh(wait: .milliseconds(200))
        } catch is CancellationError {
            return
        } catch {
            // The last reads of a process that leaves are cut short by its own doing.
            guard !hasLeft else { return }
            logger.warning("Could not read the control topic", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    // MARK: - Leaving

    /// Another has the lane: what we said of it would only be mistaken for news.
    func handedOver(_ lane: UInt16) async {
        guard statuses.removeValue(forKey: lane) != nil else { return }
        metrics[lane] = nil
        await toControl.submit(.status(lane: lane, nil))
    }

    /// The lanes are left: their last words go, so that nobody waits for a trainer that has ended in order.
    func sayGoodbye() async {
        hasLeft = true
        for lane in statuses.keys { await toControl.submit(.status(lane: lane, nil)) }
        await finish()
    }

    /// Sends what still waits, as far as that can be done in a few seconds. Nothing is sent any more afterwards.
    func finish() async {
        async let controlled: Void = toControl.finish(within: Self.patience)
        async let audited: Void = toAudit.finish(within: Self.patience)
        _ = await (controlled, audited)
    }

    // MARK: - Handing on

    private func write(_ record: AuditRecord) async {
        guard let value = encoded(record) else { return }
        await toAudit.submit(.audit(value))
    }

    private func encoded(_ document: some Encodable) -> [UInt8]? {
        do {
            return try RecordJSON.encode(document)
        } catch {
            logger.warning("A report could not be encoded", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
