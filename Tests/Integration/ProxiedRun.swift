import TestSupport
import Testing

/// One model whose trainer reaches the brokers by a way on which faults can wait, while events keep coming.
struct ProxiedRun {
    let bench: Bench
    let proxy: KafkaProxy
    let model: Model
    private let feed: Feed
    private let follower: LaneFollower
    private var stream: EventStream
    private var events: [LabelledEvent] = []
    private(set) var trainer: ChildProcess?
    /// The most events that may wait for the trainer.
    private static let ahead = 1_500

    init(_ bench: Bench, _ stem: String, seed: UInt64, kafka: [String: String] = [:]) async throws {
        self.bench = bench
        proxy = try Bench.proxy()
        let properties = Model.member.merging(["bootstrap.servers": proxy.bootstrapServers]) { $1 }.merging(kafka) { $1 }
        model = try await Model(bench, stem, kafka: properties)
        (feed, follower) = (try model.feed(), model.follow())
        stream = EventStream(seed: seed)
    }

    // MARK: - Events

    /// A hundred events, unless the trainer is far behind.
    mutating func pour() async throws {
        let accounted = try await follower.newest()?.accounted ?? 0
        guard events.count - accounted < Self.ahead else { return }
        let more = stream.next(100)
        events += more
        try await feed.produce(more)
    }

    /// Goes on with events until something has happened.
    mutating func pour(until what: String, _ isSo: () throws -> Bool) async throws {
        try await bench.eventually(what) {
            try await pour()
            return try isSo()
        }
    }

    // MARK: - The trainer

    /// The trainer that runs, or a new one.
    mutating func running() throws -> ChildProcess {
        if let trainer { return trainer }
        let started = try model.start("train")
        trainer = started
        return started
    }

    /// A trainer that has written a version.
    @discardableResult
    mutating func writing() async throws -> ChildProcess {
        if let trainer { return trainer }
        let known = try await follower.newest()?.epoch ?? 0
        let started = try running()
        try await pour()
        try await bench.eventually("a version of an epoch after \(known)") {
            try Self.check(started)
            return try await follower.newest().map { $0.epoch > known } ?? false
        }
        return started
    }

    /// A trainer that was to go on has not ended.
    static func check(_ trainer: ChildProcess) throws {
        if let exit = trainer.exit { throw TestFailure("\(trainer.name) was to go on and ended with \(exit)") }
    }

    /// Waits for all events in a version, of the same trainer.
    mutating func catchUp(after what: String) async throws {
        let (started, count) = (try running(), events.count)
        try await bench.eventually("a version with all \(count) events after \(what)") {
            try Self.check(started)
            return try await follower.newest().map { $0.accounted >= count } ?? false
        }
    }

    /// Lets the trainer leave in order.
    mutating func stop() async throws {
        if let trainer { try await model.stop(trainer) }
        trainer = nil
    }

    /// Forgets a trainer that has ended.
    mutating func bury() { trainer = nil }

    /// Every event was learnt once, to the bits of one who never met a fault.
    mutating func finish() async throws {
        try await catchUp(after: "all faults")
        let last = try await follower.accounted(events.count)
        try #require(!last.isFrozen && last.learnt == events.count && last.accounted == events.count, "\(last)")
        let evaluation = try await model.evaluate(events)
        try #require(evaluation.examples == events.count && last.digest == evaluation.modelDigest)
        try await stop()
        try await LaneHistory(of: model, bench).check()
        await follower.close()
        await feed.close()
    }
}
