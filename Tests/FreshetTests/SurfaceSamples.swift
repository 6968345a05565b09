import Events
import Foundation
import Learning

@testable import Checkpointing
@testable import Freshet
@testable import Inspection
@testable import Supervision
@testable import Training

/// What the program encodes, for every documented JSON document: with everything that can be there, and with as little as there can be.
enum SurfaceSamples {
    static func documents(of surface: String) throws -> [JSON] {
        switch surface {
        case "metrics":
            try [metrics(.binary).summary, metrics(.regression).summary, ProgressiveMetrics(task: .binary).summary].map { try JSON($0) }
        case "evaluate": try [PredictionTask.binary, .regression].map { try JSON(evaluation($0)) }
        case "status": [try JSON(StatusDocument(model: "flowers", statuses: processStatuses, now: 20_000))]
        case "versions": [try JSON([rung, leastRung].map { VersionDocument(lane: 0, $0, pageBytes: 32_768) })]
        case "lanes":
            [try JSON([LaneDocument(lane: 0, Manifest(body: manifest(of: fullState), pages: [])), LaneDocument(lane: 1, nil)])]
        case "export": [try JSON(ExportDocument(try versionFile, file: "flowers-45.freshet", bytes: 9_000))]
        case "import":
            [
                try JSON(
                    ImportDocument(
                        .init(manifest: try versionFile.manifest, cleared: true, keptPositions: true), from: versionFile, start: nil))
            ]
        case "answers": [try JSON(answers)]
        case "answer": try answers.map { try JSON($0) }
        case "topics-check": [try JSON(TopicsCommand.Check.Document(ok: false, problems: ["topic flowers.audit does not exist"]))]
        case "config": [try JSON(configuration)]
        case "alertmanager": try alertmanagerDocuments
        case "webhook": try webhookDocuments
        case "owner":
            try [1, nil].map { (lanes: UInt16?) in
                let record = OwnerRecord(epoch: 1, writer: writer, lanes: lanes, host: "node-3", build: "0.1.0", time: 5)
                return try JSON(try OwnerRecord(decoding: record.encoded()))
            }
        case "cleared": [try JSON(["time": 5])]
        case "manifest":
            try [manifest(of: fullState), manifest(of: frozenState), importedManifest, leastManifest].map { try JSON($0) }
        case "command": try commands.map { try JSON($0) }
        case "process-status": try processStatuses.map { try JSON($0) }
        case "audit", "audit-gate", "audit-alarm", "audit-rollback", "audit-resume": try audits.map { try JSON($0) }
        default: []
        }
    }

    // MARK: - Learning

    static func metrics(_ task: PredictionTask) -> ProgressiveMetrics {
        var metrics = ProgressiveMetrics(task: task)
        metrics.observe(prediction: 0.25, label: 0, weight: 1)
        metrics.observe(prediction: 0.5, label: 1, weight: 1)
        return metrics
    }

    static func settings(_ task: PredictionTask = .binary) throws -> Settings {
        try Settings.parse(
            yaml: """
                model: flowers
                kafka: {bootstrap.servers: localhost:9092}
                input: {topics: [purchases], label: /label, time: /ts}
                features:
                  declared:
                    price: {type: number, range: [0, 1000]}
                    country: {type: category}
                    returning: {type: boolean}
                learner: {task: \(task.rawValue), bits: 10}
                """, file: "freshet.yaml", environment: [:])
    }

    /// Events as the catalogue writes them, decoded for learning.
    static func batch(_ events: [String], _ specification: ModelSpecification) -> (batch: ExampleBatch, rejections: [Rejection]) {
        let decoder = EventDecoder(schema: specification.events, task: specification.learner.task, bits: specification.learner.bits)
        var batch = ExampleBatch()
        var rejections: [Rejection] = []
        for event in events {
            unsafe Array(event.utf8).withUnsafeBytes { bytes in
                if let rejection = unsafe decoder.decode(bytes, purpose: .learning, fallbackTime: 0, into: &batch) {
                    rejections.append(rejection)
                }
            }
        }
        return (batch, rejections)
    }

    static let events = [
        #"{"ts": 1000, "label": 1, "features": {"price": 12.5, "country": "NL", "returning": true}}"#,
        #"{"ts": 2000, "label": 0, "features": {"price": 40, "country": "DE"}}"#,
        #"{"ts": 3000, "label": 0, "features": {"price": 55}}"#,
    ]

    private static func evaluation(_ task: PredictionTask) throws -> EvaluationDocument {
        let specification = try settings(task).specification()
        var evaluation = Evaluation(specification: specification, window: 2)
        evaluation.reject(.labelMistyped)
        evaluation.learn(batch(events, specification).batch, rows: 0..<events.count)
        return try evaluation.document(seconds: 0.5)
    }

    // MARK: - Versions

    static let writer = WriterID(bits: 0x779b_040f_4760_0ae5)
    static let digest = Digest128(high: 1, low: 2)

    static let rung = Rung(
        version: 45, epoch: 1, writer: writer, digest: digest, offset: 318, restoreFrom: 302, createdAt: 9, learnt: 7, watermark: 8,
        cleared: true, pinned: false, metrics: metrics(.binary).summary, window: metrics(.binary).summary, modelDigest: digest,
        pages: 32, written: 3)
    static let leastRung = Rung(
        version: 1, epoch: 1, writer: writer, digest: digest, offset: 2, restoreFrom: 2, createdAt: 1, learnt: 0, cleared: false,
        pinned: false, metrics: ProgressiveMetrics(task: .binary).summary, modelDigest: digest)

    static var leastState: LaneState {
        let inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        return LaneState(
            inputs: [InputPosition(topic: "purchases", partition: 0, start: 0)], globals: LearnerGlobals(),
            metrics: WindowedMetrics(task: .binary), inspector: inspector, stall: StallDetector(), gate: Gate())
    }

    static let causes = [
        FreezeCause(
            id: "reject-rate", kind: .rejectRate, detail: "Too many.", since: 5, evidence: 28, threshold: 28
        ).having(.rolledBack, rolledBackTo: 36),
        FreezeCause(
            id: "01M8573D9ZW3W4RZVV0EKWEEWZ", kind: .operatorOrder, detail: "strange", since: 6, resume: .manual, author: "ada",
            reason: "strange"),
    ]

    static var fullState: LaneState {
        var state = leastState
        state.inputs[0].last = .init(offset: 26_219, checksum: "11a7006e6bf9ec53")
        state.counts.quarantinedByReason = ["not-json": 1]
        state.eventTimes = 1...2
        state.recent = [InspectedRun(input: 0, offset: 0, count: 5)]
        for cause in causes { _ = state.gate.freeze(cause) }
        let place = InputOffset(topic: "purchases", partition: 0, offset: 5)
        state.frozen = FrozenRange(changePoint: [place], inspected: [place])
        state.frozen?.ahead = FrozenRange.Ahead(inspector: state.inspector, recent: state.recent, clean: [place])
        state.recovery = RecoveryWatch()
        state.feed = FeedWatch()
        state.expectation = Expectation(command: "01M8573D9ZW3W4RZVV0EKWEEWZ", author: "ada", reason: "a new shop", until: 9)
        state.skips = [SkipRange(topic: "purchases", partition: 0, from: 1, to: 2, reason: "reject-rate")]
        state.twin = TwinState(version: 3, eventTime: 4, task: .binary)
        state.twin?.twinMetrics = metrics(.binary)
        state.twin?.learnerMetrics = metrics(.binary)
        (state.inputs[0].quarantined, state.inputs[0].taken) = (7, 0)
        state.commands = ["01M8573D9ZW3W4RZVV0EKWEEWZ"]
        return state
    }

    /// Frozen with as little as there can be.
    private static var frozenState: LaneState {
        var state = fullState
        state.frozen?.ahead = nil
        return state
    }

    static func manifest(of state: LaneState) -> Manifest.Body {
        Manifest.Body(
            model: "flowers", lane: 0, lanes: 1, version: 46, epoch: 1, writer: writer, parent: .init(version: 45, digest: digest),
            fingerprint: digest,
            specification: "{}", pageCount: 1, restoreFrom: 320, owners: [.init(epoch: 1, writer: writer, offset: 0)],
            ladder: [rung, leastRung], pinned: false, state: state, modelDigest: digest, createdAt: 9, host: "node-3", build: "0.1.0",
            restores: 36)
    }

    private static var importedManifest: Manifest.Body {
        var body = leastManifest
        body.imported = Manifest.Origin(leastManifest)
        return body
    }

    /// A version of one page, as a file holds it.
    static var versionFile: VersionFile {
        get throws {
            let slots = [UInt8](repeating: 7, count: 128)
            let reference = PageReference(
                index: 7, id: VersionID(version: 46, writer: writer), digest: PageRecord.digest(index: 7, slots: slots), offset: 320)
            let manifest = Manifest(body: leastManifest, pages: [reference])
            return VersionFile(RestoredVersion(manifest: manifest, digest: digest, cleared: true, slots: [7: slots]))
        }
    }

    private static var leastManifest: Manifest.Body {
        var body = manifest(of: leastState)
        (body.parent, body.restores, body.lanes) = (nil, nil, nil)
        return body
    }

    // MARK: - Control

    private static let range = InputRange(topic: "purchases", partition: 0, from: 1, to: 2)

    static let answers = [
        ControlAnswer(to: commands[0], lane: 0, outcome: .applied, detail: "resumed", version: 24, at: 9),
        ControlAnswer(command: "01M856Z3AKMVRNHWYS54B5QPSA", lane: 1, outcome: .refused, detail: "expired", version: nil, at: 9),
    ]

    static let commands = [
        ControlCommand(
            id: "01M856Z4MGTJ2W5SC7F29JJT5Q", action: .resume, lane: 0, version: 3, mode: .skip, ranges: [range], duration: 7,
            author: "ada", reason: "fine", issuedAt: 1, expiresAt: 2),
        ControlCommand(id: "01M856Z4MGTJ2W5SC7F29JJT5Q", action: .freeze, author: "ada", reason: "", issuedAt: 1, expiresAt: 2),
    ]

    static var processStatuses: [ProcessStatus] {
        get throws {
            let others = [ProcessStatus.Process.publisher, .watchdog].map {
                ProcessStatus(
                    process: $0, instance: "node-3-1", host: "node-3", build: "0.1.0", model: "flowers", at: 9, heartbeat: 1,
                    servedVersion: $0 == .publisher ? [21] : nil)
            }
            var alarmed = others[1]
            alarmed.alerts = [ProcessStatus.FiringAlert(alert)]
            return [try trainerStatus(fullState), try trainerStatus(leastState), alarmed] + others
        }
    }

    private static func trainerStatus(_ state: LaneState) throws -> ProcessStatus {
        let isFull = state.twin != nil
        let status = LaneStatus(
            lane: 0, epoch: 1, heartbeat: 4, version: isFull ? .init(number: 21, createdAt: 9, modelDigest: digest) : nil,
            cleared: isFull ? 21 : nil, gate: state.gate, inputs: [.init(position: state.inputs[0], inspected: 5, end: 6)],
            counts: state.counts, duplicates: isFull ? 2 : nil, eventTimes: state.eventTimes, metrics: metrics(.binary).summary,
            window: isFull ? metrics(.binary).summary : nil, twin: state.twin, detectors: state.inspector.detectors, feed: .flowing,
            pending: 0, lag: 1, modelDigest: digest, clipped: state.globals, frozenRanges: isFull ? [range] : [],
            cleanRun: isFull ? 4 : nil, expectation: state.expectation,
            raised: isFull ? [RaisedDetector(detector: "label-rate", sentence: "It left its band.")] : [])
        return ProcessStatus(status, settings: try settings(), identity: ProcessIdentity(), at: 9)
    }

    private static var audits: [AuditRecord] {
        get throws {
            let (settings, identity) = (try settings(), ProcessIdentity())
            var gate = Gate()
            let transitions = causes.compactMap { gate.freeze($0) }
            let alarm = Alarm(
                detector: "reject-rate", family: .rejectRate, action: .freeze, changePoint: 1, sequence: 2, logEvidence: 28,
                logThreshold: 28,
                sentence: "Too many.")
            var freeze = AuditRecord(settings, identity, lane: 0, what: "gate", transition: transitions[0])
            freeze.ranges = [range]
            let records =
                transitions.map { AuditRecord(settings, identity, lane: 0, what: "gate", transition: $0) }
                + [AuditRecord(settings, identity, lane: 0, what: "alarm", alarm: alarm)]
                + answers.map { AuditRecord(settings, identity, lane: 0, what: "command", answer: $0) }
            return records + [freeze] + resumptions(&gate, settings, identity) + rollbacks(settings, identity)
        }
    }

    private static func resumptions(_ gate: inout Gate, _ settings: Settings, _ identity: ProcessIdentity) -> [AuditRecord] {
        let byHand = gate.liftAll(by: Resumption(command: commands[0].id, author: "ada", reason: "fine", mode: "skip"))
        _ = gate.freeze(causes[0])
        let byItself = gate.liftAll(by: Resumption(author: "freshet", reason: "clean again", mode: "skip"))
        return [byHand, byItself].map { transition in
            var record = AuditRecord(settings, identity, lane: 0, what: "gate", transition: transition)
            record.skips = fullState.skips
            return record
        }
    }

    private static func rollbacks(_ settings: Settings, _ identity: ProcessIdentity) -> [AuditRecord] {
        [LaneRollback(from: 43, to: 36, for: causes[0]), LaneRollback(from: nil, to: nil, for: causes[1])].map { rollback in
            var record = AuditRecord(settings, identity, lane: 0, what: "rollback")
            record.rollback = rollback
            return record
        }
    }

    // MARK: - Others

    private static var configuration: [ConfigCommand.Key] {
        Settings.reference.map {
            ConfigCommand.Key(key: $0.key, type: $0.type, defaultValue: $0.defaultValue, environment: $0.environment, meaning: $0.meaning)
        }
    }

    private static var alert: Alert {
        let finding = Finding(
            name: .gateFrozen, labels: ["lane": "0", "cause": "reject-rate"], summary: "Learning is frozen: reject-rate",
            description: "Too many.", command: "freshet resume --config freshet.yaml")
        return finding.alert(SupervisorConfiguration(model: "flowers"), startsAt: 1, endsAt: 2)
    }

    private static var alertmanagerDocuments: [JSON] {
        get throws {
            let sinks = [AlertmanagerSink(base: "http://a"), AlertmanagerSink(base: "http://a", generatorURL: "http://p")]
            return try sinks.map { try JSON([$0.document(of: alert)]) }
        }
    }

    private static var webhookDocuments: [JSON] {
        get throws {
            try [nil, alert.endsAt].map { endsAt in
                try JSON(
                    WebhookSink.Document(
                        status: endsAt == nil ? "firing" : "resolved", alert: alert.name, severity: alert.severity, labels: alert.labels,
                        annotations: alert.annotations, startsAt: alert.startsAt.rfc3339, endsAt: endsAt?.rfc3339))
            }
        }
    }
}
