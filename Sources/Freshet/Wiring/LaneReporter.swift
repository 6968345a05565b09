import Checkpointing
import Foundation
import Inspection
import Kafka
import Logging
import Metrics
import Supervision
import Training

/// Brings what a lane says to the control topic, the audit topic and the metrics, and commands to the lane.
actor LaneReporter: LaneObserver {
    private let settings: Settings
    private let identity: ProcessIdentity
    private let control: ControlTopic
    private let audit: Producer?
    private let logger: Logger
    private var metrics: [UInt16: LaneMetrics] = [:]
    private var hasLeft = false
    private var lastAlerts: [String: Double] = [:]
    /// Seconds between two tellings of one detector's alert.
    private static let alertPause = 300.0
    /// The last document of each lane, for those who look on in the same process.
    private(set) var statuses: [UInt16: LaneStatus] = [:]

    init(settings: Settings, identity: ProcessIdentity, control: ControlTopic, audit: Producer?, logger: Logger) {
        self.settings = settings
        self.identity = identity
        self.control = control
        self.audit = audit
        self.logger = logger
    }

    func status(_ status: LaneStatus) async {
        statuses[status.lane] = status
        metrics[status.lane, default: LaneMetrics(model: settings.model, lane: status.lane)].update(status, now: Clocks.wall())
        let document = ProcessStatus(status, settings: settings, identity: identity, at: Clocks.wall())
        await attempt("send the status") {
            try await control.send(
                status: try RecordJSON.encode(document), process: document.process.rawValue, instance: document.instance)
        }
    }

    func wrote(_ manifest: Manifest, seconds: Double) async {
        Timer(label: "freshet_checkpoint_seconds", dimensions: [("model", settings.model), ("lane", String(manifest.body.lane))])
            .recordNanoseconds(Int64(seconds * 1e9))
        logger.debug(
            "Version written",
            metadata: ["version": "\(manifest.body.version)", "pages": "\(manifest.pages.count)", "seconds": "\(seconds)"])
    }

    func audit(_ transition: GateTransition, lane: UInt16) async {
        let causes = transition.causes.map { "\($0.kind.rawValue): \($0.detail)" }.joined(separator: "; ")
        logger.notice(
            "The gate changed",
            metadata: ["lane": "\(lane)", "from": "\(transition.from.rawValue)", "to": "\(transition.to.rawValue)", "causes": "\(causes)"])
        await write(AuditRecord(settings, identity, lane: lane, what: "gate", transition: transition))
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
        await attempt("answer command \(answer.command)") { try await control.send(answer) }
        await write(AuditRecord(settings, identity, lane: answer.lane, what: "command", answer: answer))
    }

    func commands(lane: UInt16) async -> [ControlCommand] { await control.view.open(for: lane) }

    /// Keeps the view of the control topic fresh.
    func tail() async throws {
        while !Task.isCancelled {
            await attempt("read the control topic") { try await control.refresh(wait: .milliseconds(200)) }
            // The topic is closed by now, and a service that ends before it is asked to counts as failed.
            if hasLeft { try? await Task.sleep(for: .seconds(1)) }
        }
    }

    /// Another has the lane: what we said of it would only be mistaken for news.
    func handedOver(_ lane: UInt16) async {
        guard statuses.removeValue(forKey: lane) != nil else { return }
        metrics[lane] = nil
        await attempt("take the status back") {
            try await control.retire(status: "trainer", instance: ProcessStatus.instance(identity, lane: lane))
        }
    }

    /// The lanes are left: their last words go, so that nobody waits for a trainer that has ended in order.
    func sayGoodbye() async {
        hasLeft = true
        for lane in statuses.keys {
            await attempt("take the status back") {
                try await control.retire(status: "trainer", instance: ProcessStatus.instance(identity, lane: lane))
            }
        }
    }

    private func write(_ record: AuditRecord) async {
        guard let audit else { return }
        await attempt("write the audit record") {
            let value = try RecordJSON.encode(record)
            _ = try await audit.produce([OutgoingRecord(topic: settings.names.audit, key: Array(settings.model.utf8), value: value)])
        }
    }

    /// What is reported must never stop what is learnt.
    private func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            // The last reads of a process that leaves are cut short by its own doing.
            guard !hasLeft else { return }
            logger.warning("Could not \(what)", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// Who did what, when, why, with which evidence: a record of `<model>.audit`.
struct AuditRecord: Codable, Sendable {
    var at: Int64
    var model: String
    var lane: UInt16
    var instance: String
    var what: String
    var transition: GateTransition?
    var alarm: Alarm?
    var answer: ControlAnswer?

    init(
        _ settings: Settings, _ identity: ProcessIdentity, lane: UInt16, what: String, transition: GateTransition? = nil,
        alarm: Alarm? = nil, answer: ControlAnswer? = nil
    ) {
        at = Clocks.wall()
        model = settings.model
        self.lane = lane
        instance = identity.instance
        self.what = what
        self.transition = transition
        self.alarm = alarm
        self.answer = answer
    }
}
