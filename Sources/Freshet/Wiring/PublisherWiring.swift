import Checkpointing
import Foundation
import Inspection
import Kafka
import Learning
import Logging
import Publishing
import ServiceLifecycle
import Supervision
import Training

/// Everything a publisher process is made of: it tails checkpoint and control, judges what it finds and hands it to the HTTP server.
struct PublisherWiring {
    let settings: Settings
    let box = SnapshotBox()
    let identity = ProcessIdentity()
    let logger: Logger
    let registry: PrometheusRegistry
    private let follower: ReleaseFollower
    private let control: ControlTopic

    /// - Parameter pinned: serve this version for good, and nothing newer.
    init(settings: Settings, pinned: UInt64?, registry: PrometheusRegistry) throws {
        self.settings = settings
        self.registry = registry
        logger = Logs.logger("serve", settings)
        control = ControlTopic(topic: settings.names.control, properties: settings.kafka.values, logger: logger)
        follower = try ReleaseFollower(settings: settings, box: box, pinned: pinned, control: control, identity: identity, logger: logger)
    }

    /// - Parameter onListening: called with the port once it is bound.
    func services(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) -> [any Service] {
        var configuration = PublishingConfiguration(
            host: settings.serve.listen.host, port: settings.serve.listen.port, build: Build.version)
        if let stale = settings.serve.staleAfter { configuration.staleAfterSeconds = stale.seconds }
        let server = PublishingServer(
            configuration: configuration, box: box, registry: registry, logger: logger, onListening: onListening)
        return [
            Running { try await follower.run() },
            Running { try await follower.watchControl() },
            Running { try await server.run() },
        ]
    }
}

/// Follows the lanes of a model and keeps the newest release that passed every gate in a box.
actor ReleaseFollower {
    private let settings: Settings
    private let box: SnapshotBox
    private let pinned: UInt64?
    private let control: ControlTopic
    private let identity: ProcessIdentity
    private let logger: Logger
    private let gate = PublishGate()

    private let admin: Admin
    private var readers: [LaneReader] = []
    private var lanesCountedAt = -Double.infinity
    /// Seconds between two looks at how many lanes there are.
    private static let lanesPause = 5.0
    /// The newest cleared version of each lane.
    private var releases: [RestoredVersion?] = []
    /// The newest version of each lane that this build cannot read.
    private var unread: [Int: ForeignRecord] = [:]
    private var served: ReleaseEvidence?
    private var servedVersion: [UInt64] = []
    private var servedCreatedAt: Int64?
    private var gateView = GateView(state: .open)
    private var heartbeat: UInt64 = 0
    /// Whether there is a status of ours to take back.
    private var hasReported = false

    init(settings: Settings, box: SnapshotBox, pinned: UInt64?, control: ControlTopic, identity: ProcessIdentity, logger: Logger) throws {
        self.settings = settings
        self.box = box
        self.pinned = pinned
        self.control = control
        self.identity = identity
        self.logger = logger
        admin = try Admin(settings.kafka.values, logger: logger)
    }

    /// Until cancelled. A read that fails changes nothing: what is served is served on. Where brokers refuse the first, nothing ever would be.
    func run() async throws {
        while !Task.isCancelled {
            do {
                try await openLanes()
                try await step()
            } catch is CancellationError {
                return
            } catch let error as KafkaError where error.isRefusedConnection && readers.isEmpty {
                throw settings.unreachable(error)
            } catch let failure as WorkFailure {
                box.update(notice: failure.description)
                logger.error("Nothing can be served", metadata: ["why": "\(failure.description)"])
                try? await Task.sleep(for: .seconds(1))
            } catch {
                box.update(notice: "the checkpoint topic cannot be read: \(error)")
                logger.warning("The checkpoint topic cannot be read; serving goes on", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
        for reader in readers { await reader.close() }
        await admin.close(within: .seconds(2))
    }

    /// A reader for each lane, and for those that are added later.
    private func openLanes() async throws {
        guard Clocks.monotonic() - lanesCountedAt >= Self.lanesPause else { return }
        do {
            let lanes = try await admin.partitions(of: settings.names.checkpoint, timeout: .seconds(10))
            let logs = LaneLogs(settings, lanes: lanes, logger: logger)
            for lane in readers.count..<max(readers.count, lanes) {
                readers.append(logs.reader(UInt16(lane)))
                releases.append(nil)
            }
            lanesCountedAt = Clocks.monotonic()
        } catch {
            // Those that are known are read on.
            if readers.isEmpty { throw error }
            lanesCountedAt = Clocks.monotonic()
        }
    }

    private func step() async throws {
        heartbeat += 1
        guard pinned == nil || served == nil else {
            try await Task.sleep(for: .milliseconds(500))
            return
        }
        var hasNews = false
        for (lane, reader) in readers.enumerated() {
            let release = try await next(reader)
            await noteOtherFormat(reader, lane: lane)
            guard let release else { continue }
            releases[lane] = release
            hasNews = true
        }
        if hasNews {
            try consider()
            try await listVersions()
        }
    }

    /// A newer build has written what this one cannot read: what is served is served on, and whoever looks is told.
    private func noteOtherFormat(_ reader: LaneReader, lane: Int) async {
        guard let record = await reader.unservedRecord, unread[lane] != record else { return }
        unread[lane] = record
        box.update(notice: "\(record)")
        logger.warning("A record of another format is passed over; serving goes on", metadata: ["lane": "\(lane)", "what": "\(record)"])
    }

    private func next(_ reader: LaneReader) async throws -> RestoredVersion? {
        guard let pinned else { return try await reader.newestCleared(wait: .milliseconds(100)) }
        guard let version = try await reader.version(pinned) else {
            let retained = try await reader.rungs().map { String($0.version) }
            throw WorkFailure(
                "version \(pinned) of '\(settings.model)' is not retained; "
                    + (retained.isEmpty ? "there is none yet" : "these are: \(retained.joined(separator: ", "))"))
        }
        return version
    }

    // MARK: - Judging

    private func consider() throws {
        let present = releases.compactMap { $0 }
        guard present.count == readers.count else {
            box.update(notice: "waiting for every lane's first cleared version (\(present.count) of \(readers.count))")
            return
        }
        // Lanes are reset one after the other; what two configurations have learnt has no average.
        guard Set(present.map(\.manifest.body.fingerprint)).count == 1 else {
            box.update(notice: "waiting for a cleared version of one configuration from every lane")
            return
        }
        let candidate = try Release(present, gate: gateView)
        let verdict = gate.judge(candidate.evidence, served: served, isRollback: candidate.isRollback || pinned != nil)
        switch verdict {
        case .serve:
            served = candidate.evidence
            servedVersion = candidate.snapshot.version
            servedCreatedAt = candidate.snapshot.createdAt
            box.replace(with: candidate.snapshot)
            logger.info("Serving a version", metadata: ["version": "\(candidate.snapshot.versionText)"])
        case .hold(let reason, let sentence):
            box.update(notice: "version \(candidate.snapshot.versionText) is not served: \(sentence)")
            logger.notice(
                "A version did not pass the gate",
                metadata: ["version": "\(candidate.snapshot.versionText)", "reason": "\(reason.rawValue)", "why": "\(sentence)"])
        }
    }

    private func listVersions() async throws {
        var rows: [VersionRow] = []
        for (lane, reader) in readers.enumerated() { rows += try await reader.rungs().map { VersionRow($0, lane: lane) } }
        box.update(versions: rows.sorted { ($1.createdAt, $1.lane) < ($0.createdAt, $0.lane) })
    }

    // MARK: - Control

    /// Shows the trainers' gate to clients, and tells the world what is served.
    func watchControl() async throws {
        while !Task.isCancelled {
            do {
                try await control.refresh(wait: .milliseconds(500))
                gateView = GateView(trainers: await control.view.statuses.processStatuses.laneOwners)
                box.update(gate: gateView)
                try await sayStatus()
            } catch is CancellationError {
                break
            } catch {
                logger.warning("The control topic cannot be read", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
        if hasReported { try? await control.retire(status: "publisher", instance: identity.instance) }
        await control.close()
    }

    private func sayStatus() async throws {
        let status = ProcessStatus(
            process: .publisher, instance: identity.instance, host: identity.host, build: Build.version, model: settings.model,
            at: Clocks.wall(), heartbeat: heartbeat, versionCreatedAt: servedCreatedAt,
            servedVersion: servedVersion.isEmpty ? nil : servedVersion)
        hasReported = true
        try await control.send(status: try RecordJSON.encode(status), process: "publisher", instance: identity.instance)
    }
}
