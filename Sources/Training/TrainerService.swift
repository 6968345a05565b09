import Checkpointing
import Kafka
public import Logging

/// A trainer: a member of the group `<model>.lanes` that owns the lanes the group hands it.
///
/// The group is subscribed to the *checkpoint* topic, so a partition of that topic is a lane: a second trainer is a standby where there is one
/// lane, and a worker where there are many. Only the group hands out lanes, to a static training too.
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

        public init(checkpointTopic: String, group: String, properties: [String: String], startedAt: Int64, endsWithLanes: Bool) {
            self.checkpointTopic = checkpointTopic
            self.group = group
            self.properties = properties
            self.startedAt = startedAt
            self.endsWithLanes = endsWithLanes
        }
    }

    /// Makes the owner of a lane, with everything it reads and writes by.
    public typealias MakeLane = @Sendable (_ lane: UInt16) async throws -> RunningLane

    /// A lane and how to let go of it.
    public struct RunningLane: Sendable {
        public var owner: any LaneOwner
        public var close: @Sendable () async -> Void

        public init(owner: any LaneOwner, close: @escaping @Sendable () async -> Void) {
            self.owner = owner
            self.close = close
        }
    }

    private let configuration: Configuration
    private let makeLane: MakeLane
    private let logger: Logger
    private var lanes: [UInt16: Task<Void, any Error>] = [:]
    private var finished: Set<UInt16> = []

    public init(_ configuration: Configuration, logger: Logger, makeLane: @escaping MakeLane) {
        self.configuration = configuration
        self.logger = logger
        self.makeLane = makeLane
    }

    /// Runs until cancelled, until a lane meets what trying again cannot help, or until every lane has reached its bound.
    public func run() async throws {
        let consumer = try Consumer(memberProperties, logger: logger)
        do {
            try await consumer.subscribe([configuration.checkpointTopic])
            try await serve(consumer)
        } catch {
            await stopLanes()
            await consumer.close(within: .seconds(5))
            if !(error is CancellationError) { throw error }
            return
        }
        await stopLanes()
        await consumer.close(within: .seconds(5))
    }

    /// A dead member holds its lanes for the session's time-out; one that dies in the midst of a rebalance holds the others for the poll
    /// interval. 6 s is the least that brokers take by default, and ten heartbeats fit in.
    private static let liveness = ["session.timeout.ms": "6000", "heartbeat.interval.ms": "600", "max.poll.interval.ms": "6000"]

    private var memberProperties: [String: String] {
        let digits = String(configuration.startedAt)
        let age = String(repeating: "0", count: max(0, 15 - digits.count)) + digits
        let fixed = [
            "group.id": configuration.group, "client.id": "\(age)-freshet", "partition.assignment.strategy": "range",
            "enable.partition.eof": "false",
        ]
        return Self.liveness.merging(configuration.properties) { $1 }.merging(fixed) { $1 }
    }

    private func serve(_ consumer: Consumer) async throws {
        while !Task.isCancelled {
            let events = try await consumer.poll(maximum: 100, wait: .milliseconds(100)) { $0.events }
            for event in events { try await heed(event, consumer) }
            for (lane, task) in lanes where finished.contains(lane) {
                try await task.value
                if configuration.endsWithLanes, finished.isSuperset(of: lanes.keys) { return }
            }
        }
    }

    private func heed(_ event: ConsumerEvent, _ consumer: Consumer) async throws {
        switch event {
        case .rebalance(let rebalance):
            logger.info("Lanes change hands", metadata: ["kind": "\(rebalance.kind)", "lanes": "\(rebalance.partitions)"])
            // Whoever gets the lane next takes it by its log: what we still had open is fenced there.
            if rebalance.kind != .assigned { await stopLanes() }
            // The group only says who owns what; the lane's own reader reads the log.
            let idle = Dictionary(rebalance.partitions.map { ($0, Consumer.idle) }, uniquingKeysWith: { $1 })
            try await consumer.complete(rebalance, positions: idle)
            if rebalance.kind == .assigned {
                for partition in rebalance.partitions { start(UInt16(truncatingIfNeeded: partition.partition)) }
            }
        case .error(let error) where error.disposition == .fatal || error.isPermanent: throw error
        case .error(let error): logger.warning("The group's consumer reports an error", metadata: ["error": "\(error)"])
        case .endOfPartition, .corrupt, .outOfRange: break
        }
    }

    private func start(_ lane: UInt16) {
        finished.remove(lane)
        lanes[lane] = Task {
            defer { self.note(finished: lane) }
            try await self.own(lane)
        }
    }

    private func note(finished lane: UInt16) { finished.insert(lane) }

    private func stopLanes() async {
        for task in lanes.values { task.cancel() }
        for task in lanes.values { _ = await task.result }
        lanes = [:]
    }

    /// Takes the lane, again after every failure that trying again can help, with a growing pause.
    private func own(_ lane: UInt16) async throws {
        var pause = Duration.milliseconds(200)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            do {
                try await train(lane)
                return
            } catch let failure as LogFailure where failure.kind != .permanent {
                logger.warning("Lane lost; taking it again", metadata: ["lane": "\(lane)", "reason": "\(failure)"])
            } catch let error as KafkaError where !error.isPermanent {
                logger.warning("Lane lost; taking it again", metadata: ["lane": "\(lane)", "reason": "\(error)"])
            } catch is CancellationError {
                return
            }
            if ContinuousClock.now - started > .seconds(30) { pause = .milliseconds(200) }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func train(_ lane: UInt16) async throws {
        let running = try await makeLane(lane)
        do {
            try await running.owner.run()
        } catch {
            await running.close()
            throw error
        }
        await running.close()
    }
}
