public import Checkpointing
import Kafka
public import Logging
import Synchronization

/// A trainer: a member of the group `<model>.lanes` that owns the lanes the group hands it.
///
/// The group is subscribed to the *checkpoint* topic, so a partition of that topic is a lane: a second trainer is a standby where there is
/// one lane, and a worker where there are many. Only the group hands out lanes, to a static training too.
///
/// Every change in the group takes all lanes from all members for a moment. What a trainer has in memory stays there, and it goes on with
/// the lanes it gets back. A member without any lane follows them all, so that it has in memory what it may have to take over.
public actor TrainerService {
    public struct Configuration: Sendable {
        public var checkpointTopic: String
        public var group: String
        public var properties: [String: String]
        /// When the process started (ms since 1970): `client.id` begins with it, so that seniority decides and one who joins takes nothing
        /// away from those who are there (the range assignor sorts members by name, and names begin with the client's id).
        public var startedAt: Int64
        /// End when every lane's training has reached its bound.
        public var endsWithLanes: Bool
        /// Takes only a lane that no trainer wants, and no name of a trainer's.
        public var isGuest: Bool

        public init(
            checkpointTopic: String, group: String, properties: [String: String], startedAt: Int64, endsWithLanes: Bool,
            isGuest: Bool = false
        ) {
            self.checkpointTopic = checkpointTopic
            self.group = group
            self.properties = properties
            self.startedAt = startedAt
            self.endsWithLanes = endsWithLanes
            self.isGuest = isGuest
        }
    }

    /// Makes the owner of a lane, with everything it reads and writes by.
    public typealias MakeLane = @Sendable (LaneShare) async throws -> RunningLane

    /// A lane and how to let go of it.
    public struct RunningLane: Sendable {
        public var owner: any LaneOwner
        public var close: @Sendable () async -> Void
        /// Called when a lane that was ours is another's.
        public var handOver: @Sendable () async -> Void

        public init(
            owner: any LaneOwner, close: @escaping @Sendable () async -> Void, handOver: @escaping @Sendable () async -> Void = {}
        ) {
            self.owner = owner
            self.close = close
            self.handOver = handOver
        }
    }

    private let configuration: Configuration
    private let makeLane: MakeLane
    private let watches: CommitWatches
    private let logger: Logger
    /// What goes on with each lane, and until when.
    private var work: [UInt16: (task: Task<Void, any Error>, tenure: Tenure)] = [:]
    /// Lanes in memory that nothing goes on with, and whether they are only followed.
    private var parked: [UInt16: (lane: RunningLane, isOurs: Bool)] = [:]
    private var finished: Set<UInt16> = []
    /// How many lanes there are: as many as the checkpoint topic has partitions, so that there are more when it gets more.
    private var lanes: UInt16 = 1
    /// The lanes that the group has handed to us.
    private var ours: Set<UInt16> = []
    /// Whether there may be more lanes than were counted.
    private var hasDoubts = false
    private var countedAt = ContinuousClock.now
    private static let countPause = Duration.seconds(10)

    /// - Parameter watches: told which lanes are this process's.
    public init(_ configuration: Configuration, watches: CommitWatches, logger: Logger, makeLane: @escaping MakeLane) {
        self.configuration = configuration
        self.watches = watches
        self.logger = logger
        self.makeLane = makeLane
    }

    /// Runs until cancelled, until a lane meets what trying again cannot help, or until every lane has reached its bound.
    public func run() async throws {
        var fencings: [ContinuousClock.Instant] = []
        do {
            while let fencing = try await beMember() {
                let now = ContinuousClock.now
                fencings = fencings.filter { now - $0 < Self.fencingSpan } + [now]
                guard fencings.count <= Self.mostEchoes else { throw namesake(fencing) }
                logger.warning("The group fenced this member; joining anew", metadata: ["reason": "\(fencing)"])
            }
        } catch {
            await letGo { _ in true }
            if !(error is CancellationError) { throw error }
            return
        }
        await letGo { _ in true }
    }

    /// More fencings than these within so long are not all late echoes of this process.
    private static let mostEchoes = 2
    private static let fencingSpan = Duration.seconds(120)

    /// Is a member of the group until it is to leave, or until it is fenced.
    ///
    /// The group fences a static member when another joins by the same `group.instance.id` (KIP-345). That other may be this process
    /// itself: one whose request to join was heard and whose answer was lost, one that was killed with such a request on its way, or one
    /// that stood still for longer than its session. So a fencing is answered by joining anew, with everything still in memory; several in
    /// short order mean a namesake, for two of a name fence each other every second.
    ///
    /// - Returns: the error that fenced it.
    private func beMember() async throws -> KafkaError? {
        let (watches, answers) = (watches, Answers())
        let consumer = try Consumer(
            memberProperties, logger: logger, showsGauges: configuration.properties["statistics.interval.ms"] != nil
        ) { statistics in
            if answers.haveCome(statistics) { watches.answered() }
            if let group = statistics.group { watches.isMember(group.isSettled) }
        }
        let end: Result<KafkaError?, any Error>
        do {
            try await consumer.subscribe([configuration.checkpointTopic])
            try await serve(consumer)
            end = .success(nil)
        } catch {
            // Whatever a fenced member does then fails; why is with the client.
            let cause = await consumer.fatalError
            end = cause?.code == KafkaError.Code.fencedInstance ? .success(cause) : .failure(error)
        }
        if (try? end.get()) == nil { for (task, _) in work.values { task.cancel() } }
        let stuck = await stuckLane()
        watches.leave()
        await consumer.close(within: .seconds(5))
        let fencing = try end.get()
        if let stuck { throw stuck }
        return fencing
    }

    private func namesake(_ fencing: KafkaError) -> LogFailure {
        LogFailure(
            .permanent,
            "another member of group \(configuration.group) goes by kafka.group.instance.id "
                + "'\(configuration.properties["group.instance.id"] ?? "")': give each trainer its own. \(fencing)")
    }

    /// A dead member holds its lanes for the session's time-out; one that dies in the midst of a rebalance holds the others for the poll
    /// interval. 6 s is the least that brokers take by default, and ten heartbeats fit in.
    private static let liveness = [
        "session.timeout.ms": "6000", "heartbeat.interval.ms": "600", "max.poll.interval.ms": "6000",
        // Lanes that are added are noticed so soon.
        "topic.metadata.refresh.interval.ms": "5000",
        // Tell whether any broker answers.
        "statistics.interval.ms": "2000",
    ]

    private var memberProperties: [String: String] {
        let digits = String(configuration.startedAt)
        let age = String(repeating: "0", count: max(0, 15 - digits.count)) + digits
        // Between a static member and another the range assignor compares the names the broker gives: a static one's begins with its instance
        // id, another's with its client id. Whatever is typed on a keyboard sorts before the tilde.
        let name = configuration.isGuest ? "~\(age)-freshet" : "\(age)-freshet"
        let fixed = [
            "group.id": configuration.group, "client.id": name, "partition.assignment.strategy": "range", "enable.partition.eof": "false",
        ]
        let properties = configuration.properties.filter { !configuration.isGuest || $0.key != "group.instance.id" }
        return Self.liveness.merging(properties) { $1 }.merging(fixed) { $1 }
    }

    private func serve(_ consumer: Consumer) async throws {
        while !Task.isCancelled {
            let events = try await consumer.poll(maximum: 100, wait: .milliseconds(100)) { $0.events }
            for event in events { try await heed(event, consumer) }
            if hasDoubts, ContinuousClock.now - countedAt > Self.countPause { try await countAgain(consumer) }
            for (lane, entry) in work where finished.contains(lane) {
                try await entry.task.value
                if configuration.endsWithLanes, finished.isSuperset(of: work.keys) { return }
            }
        }
    }

    /// Once after every assignment, and after a lane could not be taken: there may be more lanes than were counted.
    private func countAgain(_ consumer: Consumer) async throws {
        hasDoubts = false
        guard await countLanes(consumer) > lanes else { return }
        try await endWork()
        await begin(ours, consumer)
    }

    private func heed(_ event: ConsumerEvent, _ consumer: Consumer) async throws {
        switch event {
        case .rebalance(let rebalance):
            logger.info("Lanes change hands", metadata: ["kind": "\(rebalance.kind)", "lanes": "\(rebalance.partitions)"])
            // Whoever gets the lane next takes it by its log: what we still had open is fenced there.
            try await endWork()
            // The group only says who owns what; the lane's own reader reads the log.
            let idle = Dictionary(rebalance.partitions.map { ($0, Consumer.idle) }, uniquingKeysWith: { $1 })
            try await consumer.complete(rebalance, positions: idle)
            if rebalance.kind == .assigned { await begin(Set(rebalance.partitions.map { UInt16(clamping: $0.partition) }), consumer) }
        case .error(let error) where error.isPermanent:
            throw LogFailure(.permanent, "the trainers' group '\(configuration.group)' cannot be joined: \(error)")
        case .error(let error) where error.endsClient: throw error
        case .error(let error): logger.warning("The group's consumer reports an error", metadata: ["error": "\(error)"])
        case .endOfPartition, .corrupt, .outOfRange: break
        }
    }

    /// What the group has given us is ours; without a lane of our own we follow all of them.
    private func begin(_ ours: Set<UInt16>, _ consumer: Consumer) async {
        self.ours = ours
        let lanes = await countLanes(consumer)
        // The broker that was asked may be behind the one that told the group.
        hasDoubts = true
        // Another share of the input: whoever had less or more in memory begins again from the log.
        if lanes != self.lanes { await letGo { _ in true } }
        self.lanes = lanes
        let followed = ours.isEmpty ? Array(0..<lanes) : []
        await letGo { [parked] lane in !ours.contains(lane) && (parked[lane]?.isOurs != false || !followed.contains(lane)) }
        for lane in ours { start(lane) { try await $0.own(lane, $1) } }
        for lane in followed { start(lane) { await $0.follow(lane, $1) } }
    }

    /// There never come to be fewer, and at least as many as the group has handed out, whatever a broker says that is asked.
    private func countLanes(_ consumer: Consumer) async -> UInt16 {
        let known = max(lanes, (ours.max() ?? 0) + 1)
        countedAt = .now
        do {
            let counted = try await consumer.partitions(of: configuration.checkpointTopic, timeout: .seconds(3)).count
            return max(known, UInt16(clamping: counted))
        } catch {
            logger.warning("The lanes cannot be counted", metadata: ["known": "\(known)", "reason": "\(error)"])
            hasDoubts = true
            return known
        }
    }

    private func start(_ lane: UInt16, _ body: @escaping @Sendable (isolated TrainerService, Tenure) async throws -> Void) {
        finished.remove(lane)
        let tenure = Tenure()
        let task = Task {
            defer { self.finished.insert(lane) }
            try await body(self, tenure)
        }
        work[lane] = (task, tenure)
    }

    private func endWork() async throws(LogFailure) {
        if let stuck = await stuckLane() { throw stuck }
    }

    /// Ends what goes on with the lanes; tells if one of them does not let go.
    ///
    /// Meanwhile nobody polls the group's consumer, which is who tells the watches that a broker answers: a call that hangs now is seen by
    /// nobody else. What hangs is left behind, and the process ends.
    private func stuckLane() async -> LogFailure? {
        for (_, tenure) in work.values { tenure.end() }
        var farewell = Farewell(now: watches.time)
        while let lane = work.keys.first(where: { !finished.contains($0) }) {
            if farewell.isOver(at: watches.time, limit: watches.timeToLetGo(of: lane)) { return leaveBehind(lane) }
            // Cancelled or not: a lane that is cancelled writes a last version.
            await Task.detached { try? await Task.sleep(for: .milliseconds(10)) }.value
        }
        work = [:]
        return nil
    }

    private func leaveBehind(_ lane: UInt16) -> LogFailure {
        for (task, _) in work.values { task.cancel() }
        work = [:]
        return LogFailure(
            .permanent,
            "lane \(lane) was to be let go of, and a call it waits for does not return though its time is long over: this process ends, to be "
                + "started anew")
    }

    /// Forgets lanes that were kept in memory.
    private func letGo(of isGone: (UInt16) -> Bool) async {
        for (lane, entry) in parked where isGone(lane) {
            parked[lane] = nil
            if entry.isOurs { await entry.lane.handOver() }
            await entry.lane.close()
        }
    }

    // MARK: - One lane

    /// Takes the lane, again after every failure that trying again can help.
    private func own(_ lane: UInt16, _ tenure: Tenure) async throws {
        watches.begin(lane)
        defer { watches.end(lane) }
        try await persist(lane, tenure, "Lane lost; taking it again") { running in
            try await running.owner.run(during: tenure) == .parked
        }
    }

    /// Keeps in memory what the owner of the lane writes. Nothing that goes wrong with it is worth an end.
    private func follow(_ lane: UInt16, _ tenure: Tenure) async {
        do {
            try await persist(lane, tenure, "Lane cannot be followed; trying again") { running in
                try await running.owner.standBy(during: tenure)
                return true
            }
        } catch {
            logger.warning("Lane cannot be followed", metadata: ["lane": "\(lane)", "reason": "\(error)"])
        }
    }

    /// Does something with a lane until it is done, with a growing pause after each failure.
    ///
    /// - Parameter work: whether the lane is to be kept in memory.
    private func persist(
        _ lane: UInt16, _ tenure: Tenure, _ complaint: Logger.Message, _ work: (RunningLane) async throws -> Bool
    ) async throws {
        var pause = Duration.milliseconds(200)
        while !Task.isCancelled, !tenure.isOver {
            let started = ContinuousClock.now
            do {
                return try await attempt(lane, work)
            } catch is CancellationError {
                return
            } catch {
                guard Self.mayPass(error) else { throw error }
                logger.warning(complaint, metadata: ["lane": "\(lane)", "reason": "\(error)"])
            }
            hasDoubts = true
            if ContinuousClock.now - started > .seconds(30) { pause = .milliseconds(200) }
            await rest(pause, tenure)
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func attempt(_ lane: UInt16, _ work: (RunningLane) async throws -> Bool) async throws {
        let known = parked.removeValue(forKey: lane)
        let running = if let known { known.lane } else { try await makeLane(LaneShare(lane: lane, of: lanes)) }
        do {
            if try await work(running) {
                parked[lane] = (running, await running.owner.isOwner)
            } else {
                await running.close()
            }
        } catch {
            await running.close()
            throw error
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let failure as LogFailure: failure.kind != .permanent
        case let error as KafkaError: !error.isPermanent
        default: false
        }
    }

    private func rest(_ pause: Duration, _ tenure: Tenure) async {
        let end = ContinuousClock.now + pause
        while !Task.isCancelled, !tenure.isOver, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(100)) }
    }
}

extension ClientStatistics.Group {
    /// Whether the coordinator is known, and has told what is this member's.
    fileprivate var isSettled: Bool { state == "up" && joinState == "steady" }
}

/// Whether a client has heard from a broker since the last statistics.
private final class Answers: Sendable {
    private let count = Mutex<Int64>(0)

    func haveCome(_ statistics: ClientStatistics) -> Bool {
        count.withLock { count in
            defer { count = statistics.responsesReceived }
            return statistics.responsesReceived > count
        }
    }
}
