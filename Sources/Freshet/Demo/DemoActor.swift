import Checkpointing
import Foundation
import Inspection
import Kafka
import Learning
import Logging
import Publishing
import Training

/// Plays the producer and the operator of the demo, and tells what is to be seen.
actor DemoActor {
    private let settings: Settings
    private let reporter: LaneReporter
    private let box: SnapshotBox
    private let screen: DemoScreen
    private let seconds: Double?
    private let logger: Logger
    private var story: DemoStory
    private var shop = FlowerShop(seed: 7)
    private var trouble = FlowerShop.Trouble.none
    private var isProducing = true
    private var produced = 0
    private var lastTold = 0.0
    private var orders: [Task<Void, any Error>] = []

    private static let visitsPerTick = 20
    private static let tick = Duration.milliseconds(50)

    init(settings: Settings, reporter: LaneReporter, box: SnapshotBox, screen: DemoScreen, seconds: Double?, logger: Logger) {
        self.settings = settings
        self.reporter = reporter
        self.box = box
        self.screen = screen
        self.seconds = seconds
        self.logger = logger
        story = DemoStory(seconds: seconds)
    }

    func run() async throws {
        let producer = try Producer(settings.kafka.values, logger: logger)
        let started = Clocks.monotonic()
        while !Task.isCancelled {
            let now = Clocks.monotonic() - started
            if let seconds, now >= seconds { break }
            for turn in story.due(at: now) { play(turn) }
            if isProducing { try await produce(with: producer, season: story.season(at: now)) }
            if now - lastTold >= 2 {
                lastTold = now
                await report()
            }
            try? await Task.sleep(for: Self.tick)
        }
        for order in orders { _ = try? await order.value }
        await producer.close(within: .seconds(3))
    }

    private func play(_ turn: DemoStory.Turn) {
        screen.say(turn.line)
        switch turn {
        case .open, .recordsMended, .priceBack: trouble = .none
        case .brokenRecords: trouble = .brokenRecords
        case .priceLost: trouble = .priceMissing
        case .resumeWithSkip: orders.append(Task { try await self.resume() })
        case .producerStops: isProducing = false
        case .producerReturns: isProducing = true
        }
    }

    /// Through the control topic, like any operator.
    private func resume() async throws {
        let now = Clocks.wall()
        let command = ControlCommand(
            id: ULID.make(at: now), action: .resume, mode: .skip, author: "demo", reason: "the deployment was rolled back", issuedAt: now,
            expiresAt: now + 15_000)
        for answer in try await ControlDesk(settings).order(command, lanes: [0]) { screen.tell("the trainer answers: \(answer.detail)") }
    }

    private func produce(with producer: Producer, season: Double) async throws {
        let now = Clocks.wall()
        let visits = (0..<Self.visitsPerTick).map { _ in shop.visit(at: now, season: season, trouble: trouble) }
        let topic = settings.input.topics[0]
        _ = try await producer.produce(visits.map { OutgoingRecord(topic: topic, partition: 0, value: Array($0.utf8)) })
        produced += visits.count
    }

    // MARK: - Telling

    private func report() async {
        guard let status = await reporter.statuses[0] else { return screen.tell("the trainer is taking its lane") }
        let served = box.current.map { "serving \($0.versionText)" } ?? "nothing served yet"
        let loss = (status.window ?? status.metrics).logLoss.map { "log loss \(Figures.four($0))" } ?? "nothing scored yet"
        screen.tell(
            "gate \(status.gate.state.rawValue)\(status.gate.causes.map { " (\($0.kind.rawValue))" }.joined())  learnt \(status.counts.learnt)  "
                + "quarantined \(status.counts.quarantined)  set aside \(status.counts.skipped)  version \(status.version?.number ?? 0)  \(served)  \(loss)"
        )
        if let twin = status.twin, twin.twinMetrics.examples > 2_000, let stale = twin.twinMetrics.summary.logLoss,
            let fresh = twin.learnerMetrics.summary.logLoss
        {
            screen.tell("static or dynamic? the frozen twin \(Figures.four(stale)), the learner on the same visits \(Figures.four(fresh))")
        }
    }

    /// The account at the end.
    func conclude() async throws {
        guard let status = await reporter.statuses[0], let snapshot = box.current else {
            throw WorkFailure("the demo ended before a version was served")
        }
        let counts = status.counts
        screen.say("The end.")
        screen.tell(
            "\(produced) visits produced; \(counts.learnt) learnt + \(counts.quarantined) quarantined + \(counts.skipped) set aside + "
                + "\(counts.gaps) gaps; serving version \(snapshot.versionText)")
    }
}
