public import Checkpointing
public import Inspection
public import Logging

/// What the owner of a lane needs besides the lane.
public struct LaneConfiguration: Sendable {
    public var share: LaneShare
    public var specification: ModelSpecification
    public var policy: EnginePolicy
    /// Between versions.
    public var interval: Duration
    public var holdBack: Clearance
    public var start: InputStart
    /// Whether training goes on when retention took records that had not been learnt.
    public var continuesOverGaps: Bool
    public var until: Until?
    /// What becomes of a model of another configuration that has the lane.
    public var succession = Succession.refuse
    /// Between two looks for input partitions that were added.
    public var discovery = Duration.seconds(10)

    public init(
        share: LaneShare = LaneShare(lane: 0, of: 1), specification: ModelSpecification, policy: EnginePolicy,
        interval: Duration = .seconds(5), holdBack: Clearance = Clearance(), start: InputStart = .earliest, continuesOverGaps: Bool = false,
        until: Until? = nil
    ) {
        self.share = share
        self.specification = specification
        self.policy = policy
        self.interval = interval
        self.holdBack = holdBack
        self.start = start
        self.continuesOverGaps = continuesOverGaps
        self.until = until
    }
}

/// Where a model without a checkpoint begins.
public enum InputStart: Equatable, Sendable {
    case earliest, latest
    /// Milliseconds since 1970.
    case time(Int64)
}

/// What leaves a lane besides versions.
public protocol LaneObserver: Sendable {
    func status(_ status: LaneStatus) async
    func wrote(_ manifest: Manifest, seconds: Double) async
    func audit(_ entry: LaneAudit, lane: UInt16) async
    func alert(_ alarm: Alarm, lane: UInt16) async
    func answer(_ answer: ControlAnswer) async
    /// Commands that have not been answered by this lane yet, oldest first.
    func commands(lane: UInt16) async -> [ControlCommand]
    /// Commands that cannot be read, and have not been answered by this lane yet.
    func unreadable(lane: UInt16) async -> [UnreadableCommand]
}

extension LaneObserver {
    public func unreadable(lane: UInt16) async -> [UnreadableCommand] { [] }
}

/// The two clocks: a monotonic one for waiting, and the wall's for records people read.
public struct TrainerClock: Sendable {
    /// Seconds from any origin.
    public var monotonic: @Sendable () -> Double
    /// Milliseconds since 1970.
    public var wall: @Sendable () -> Int64

    public init(monotonic: @escaping @Sendable () -> Double, wall: @escaping @Sendable () -> Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

/// The owner of a lane: takes it, learns, writes versions, obeys commands; performs what `LaneEngine` decides.
///
/// A lane that meets a `LogFailure` is over; whoever runs it takes the lane again and believes what the log says.
public actor LaneTrainer {
    let configuration: LaneConfiguration
    let writer: LaneWriter
    let source: any EventSource
    let others: any OtherLanes
    let observer: any LaneObserver
    let clock: TrainerClock
    let watches: CommitWatches
    let logger: Logger

    /// Final, so that it is read in place. Otherwise it is read through a coroutine, and code that Swift 6.3.1 makes without optimisation
    /// releases a large part of it (such as `engine.inspector`) after the coroutine's memory was freed.
    final var engine: LaneEngine
    /// Whether the lane was taken, and not lost since.
    public private(set) var isOwner = false
    /// How long it may act for the lane.
    private(set) var tenure = Tenure()
    /// Batches of other assignments are stale.
    var assignment: UInt64 = 0
    var current: Manifest?
    var cleared: UInt64?
    var clearance: Clearance
    /// A version that was judged clean and whose record is still to be written.
    var clearable: UInt64?
    var writing: Task<Void, Never>?
    var failure: LogFailure?
    /// Commands this owner has seen to; they stay in the topic until whoever gave them has read the answer.
    var handled: Set<String> = []
    /// Answers that wait for the version that holds their effect.
    var answers: [ControlAnswer] = []
    var orders: [LaneEngine.Order] = []
    var wantsVersion = false
    var heartbeat: UInt64 = 0
    var lastVersionAt: Double
    var lastStatusAt: Double
    var rolledBack: Rollback?
    /// The pages of another model that this one begins with, until they are written.
    var inherited: Set<Int> = []
    var pins: [UInt64: Bool] = [:]
    var discovery = Discovery()
    /// The end of each input, as the source last told it.
    var ends: [Int64] = []

    /// A version that was brought back and whose slots the next version has to have.
    struct Rollback {
        var to: Manifest
        var wasCleared: Bool
    }

    public init(
        configuration: LaneConfiguration, writer: LaneWriter, source: any EventSource, others: any OtherLanes = NoOtherLanes(),
        observer: any LaneObserver, clock: TrainerClock, watches: CommitWatches? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.writer = writer
        self.source = source
        self.others = others
        self.observer = observer
        self.clock = clock
        self.watches = watches ?? CommitWatches(interval: configuration.interval, now: clock.monotonic)
        self.logger = logger
        clearance = configuration.holdBack
        let now = clock.monotonic()
        (lastVersionAt, lastStatusAt) = (now, now - 1)
        engine = LaneEngine(
            specification: configuration.specification.learner, policy: configuration.policy, inputs: [], now: now)
    }

    // MARK: - Life

    /// Owns the lane until cancelled, until the bound of a static training is reached, or for its tenure.
    ///
    /// A rebalance takes every lane from every member for a moment. Whoever gets the same lane back, and finds no successor in its log, goes on
    /// in the same epoch.
    public func run(during tenure: Tenure = Tenure()) async throws -> LaneEnd {
        self.tenure = tenure
        do {
            if isOwner { try await writer.lookForSuccessor() } else { try await start() }
            isOwner = true
            while !Task.isCancelled, !tenure.isOver, !engine.isFinished { try await step() }
            if tenure.isOver, !Task.isCancelled, !engine.isFinished {
                await writing?.value
                return .parked
            }
            try await drain()
            return .left
        } catch {
            watches.lost(writer.identity.lane)
            await writing?.value
            throw error
        }
    }

    /// Follows the lane of another, so that taking it over is short.
    public func standBy(during tenure: Tenure) async throws {
        while !Task.isCancelled, !tenure.isOver { try await writer.standBy(wait: .milliseconds(100)) }
    }

    /// One batch of events, and whatever is due.
    func step() async throws {
        let batch = try await source.next(wait: .milliseconds(50))
        heartbeat += 1
        watches.cameRound(writer.identity.lane, hasUnwritten: engine.hasChanged || wantsVersion || writing != nil)
        let (now, wall) = (clock.monotonic(), clock.wall())
        if batch.assignment == assignment { try take(batch, now: now, wall: wall) }
        orders += engine.tick(now: now, wall: wall, feed: await diagnose())
        // A freeze and its rollback are over before a command is obeyed that may resume.
        try await perform()
        try await obey()
        try await perform()
        try await lookForPartitions(now: now)
        if let failure { throw failure }
        try await writeWhatIsDue(now: now)
        if now - lastStatusAt >= 1 {
            lastStatusAt = now
            var told = status(feed: await diagnose())
            told.raised = engine.raised
            await observer.status(told)
        }
    }

    private func writeWhatIsDue(now: Double) async throws {
        // What was judged clean while a version was written comes before the next that is merely due: where writing takes longer than the interval,
        // its turn would never come.
        if clearable != nil, !wantsVersion { try await clear(now: now) }
        // What waits for the quarantine is bounded: learning waits for a write that hangs.
        if engine.mustWrite {
            await writing?.value
            if let failure { throw failure }
        }
        if now - lastVersionAt >= configuration.interval.inSeconds || wantsVersion || engine.mustWrite { await write(now: now) }
        try await clear(now: now)
    }

    private func take(_ batch: InputBatch, now: Double, wall: Int64) throws(LogFailure) {
        if let input = engine.replacedInput(in: batch) {
            throw LogFailure(
                .permanent,
                "\(input.topic)[\(input.partition)] holds another event at offset \(input.last?.offset ?? -1) than the one the model has learnt: "
                    + "the topic was created anew. Use another model name")
        }
        orders += engine.take(batch, now: now, wall: wall)
    }

    /// The last version: of a training that reached its end (pinned, and cleared when the hold-back is over), or of a drain.
    func drain() async throws {
        await writing?.value
        if let failure { throw failure }
        try await perform()
        let isFinished = engine.isFinished
        if isFinished { engine.finish() }
        if engine.hasChanged || current == nil || isFinished { try await writeNow(pinned: isFinished) }
        // What follows may take its time.
        watches.end(writer.identity.lane)
        if isFinished, let version = current?.body.version {
            try await Task.sleep(for: .seconds(clearance.holdBack))
            try await writer.clear(version)
            cleared = version
        }
        await observer.status(status(feed: .flowing))
    }

    // MARK: - Orders

    private func perform() async throws {
        while !orders.isEmpty {
            let batch = orders
            orders = []
            for order in batch { try await perform(order) }
        }
    }

    private func perform(_ order: LaneEngine.Order) async throws {
        switch order {
        case .rollBack(let sequence): try await rollBack(before: sequence)
        case .reassign:
            try await handOver()
            try await assign(try await source.partitions(besides: engine.held))
        case .write: wantsVersion = true
        case .audit(let transition): await observer.audit(.gate(engine.change(transition)), lane: writer.identity.lane)
        case .alert(let alarm): await observer.alert(alarm, lane: writer.identity.lane)
        }
    }

    private func diagnose() async -> FeedDiagnosis {
        let feed = await source.feed()
        ends = feed.ends
        return engine.diagnose(feed, now: clock.monotonic())
    }
}

extension Duration {
    /// The duration as a number of seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
