import Foundation
import TestSupport
import Testing

/// A model that learns steadily while something happens to it every minute.
struct Soak {
    /// How many minutes are asked for, if any.
    static let minutes = ProcessInfo.processInfo.environment["FRESHET_SOAK"].flatMap(Int.init)
    /// A minute of the soak.
    private static let length = Duration.seconds(60)
    private static let warmUp = 400_000
    /// Seconds of events that the topic keeps behind the newest version: farther than any fault of the deck takes a trainer back.
    private static let kept = 30

    private let bench: Bench
    private let model: Model
    private let proxy: KafkaProxy
    private let faucet: Faucet
    private let follower: LaneFollower
    private let gauges = SoakGauges()
    private let question: String
    private let work: [Task<Void, any Error>]
    private let started = ContinuousClock.now
    private var trainer: ChildProcess
    private var random: SplitMix64
    private var deck: [SoakFault] = []
    private var campaign: Campaign

    init(_ bench: Bench, seed: UInt64) async throws {
        self.bench = bench
        proxy = try Bench.proxy()
        let kafka = Model.member.merging(["bootstrap.servers": proxy.bootstrapServers]) { $1 }
        // The broker of the tests never compacts and hands out a log in one piece, so whoever starts has in memory what was written in an hour: the
        // versions are small and few, lest that hides what a process keeps by itself.
        model = try await Model(
            bench, "soak", kafka: kafka,
            [
                "checkpoint": "{interval: 5s, holdBack: 2s}", "learner": "{task: binary, bits: 10}",
                // The faucet's lines come again and again, with their times.
                "watchdog": "{policy: {event-time: alert}}",
            ])
        (follower, faucet) = (model.follow(), try Faucet(model, seed: seed))
        random = SplitMix64(seed: seed)
        campaign = Campaign(seed: seed)
        var stream = EventStream(seed: seed)
        question = stream.next().question

        try await faucet.pour(Self.warmUp)
        let began = ContinuousClock.now
        trainer = try model.start("train")
        try await follower.accounted(Self.warmUp)
        let top = Double(Self.warmUp) / ((ContinuousClock.now - began) / .seconds(1))
        let rate = Int(top / 2)
        print("soak, seed \(seed): \(Int(top)) events/s from start to version; \(rate) events/s from now on")
        work = [
            Task { [faucet] in try await faucet.run(rate: rate) },
            // Followers of their own: two who ask one in turn would see each other's past.
            Task { [gauges, faucet, model, question] in await gauges.run(faucet, model.follow(), question: question) },
            Task { [faucet, model] in try await faucet.forget(behind: model.follow(), kept: rate * Self.kept) },
        ]
        gauges.watch(trainer: trainer)
        try await startPublisher()
    }

    private func startPublisher() async throws {
        gauges.excusePublisher(true)
        let publisher = Publisher(try model.start("serve"), bench)
        _ = try await publisher.answer(to: question)
        gauges.watch(publisher: publisher)
        gauges.excusePublisher(false)
    }

    // MARK: - A minute

    /// - Parameter minute: counted from 1.
    mutating func spend(minute: Int) async throws {
        if deck.isEmpty { deck = SoakFault.deck(&random) }
        let fault = deck.removeLast()
        campaign.note("\(fault)")
        try await suffer(fault)
        let (over, written) = (ContinuousClock.now, faucet.count)
        try await bench.eventually("a version with all \(written) records after: \(fault), minute \(minute)") {
            if let exit = trainer.exit { throw TestFailure("\(trainer.name) ended with \(exit) after: \(fault), minute \(minute)") }
            return try await follower.newest().map { $0.accounted >= written && !$0.isFrozen } ?? false
        }
        campaign.note(recoveryFrom: "\(fault)", after: ContinuousClock.now - over)
        proxy.disarm()
        if minute % 10 == 0 { print("minute \(minute), \(faucet.count) records\n\(gauges.report())") }
        try await Task.sleep(until: started + Self.length * minute)
    }

    private mutating func suffer(_ fault: SoakFault) async throws {
        switch fault {
        case .kill:
            trainer.kill()
            try startTrainer()
        case .killAt(let point):
            try await killTrainer(at: point)
        case .sleep(let time):
            trainer.signal(SIGSTOP)
            try await Task.sleep(for: time)
            trainer.signal(SIGCONT)
        case .link(let link, let time):
            proxy.link = link
            try await Task.sleep(for: time)
            proxy.link = .open
        case .message(let point):
            proxy.arm(ProxyRule(point.side, of: point.api, mentioning: point.mention(of: model.name), first: point.number) { _ in .drop })
        case .killPublisher:
            gauges.excusePublisher(true)
            gauges.killPublisher()
            try await startPublisher()
        case .freeze:
            try await command("freeze", "--reason", "a soak")
            try await command("resume", "--replay", "--reason", "a soak")
        case .rollBack:
            let versions = try await model.versions().filter { $0.cleared && !$0.undone }
            try await command("rollback", "--to", "\(versions.dropLast().last?.version ?? 1)", "--reason", "a soak")
            try await command("resume", "--replay", "--reason", "a soak")
        }
    }

    private mutating func startTrainer() throws {
        trainer = try model.start("train")
        gauges.watch(trainer: trainer)
    }

    private mutating func killTrainer(at point: KillPoint) async throws {
        let victim = Victim()
        if point.isAtStart { trainer.kill() }
        proxy.arm(victim.rule(at: point, of: model.name))
        if point.isAtStart { try startTrainer() }
        victim.name(trainer)
        let exit = try await trainer.ended(by: bench.deadline)
        guard exit == .signal(SIGKILL) else { throw TestFailure("\(trainer.name) was to die at \(point): \(exit)") }
        proxy.disarm()
        try startTrainer()
    }

    private func command(_ words: String...) async throws {
        let (exit, _, errors) = try await bench.run(words + ["--config", model.configuration])
        guard exit == .code(0) else { throw TestFailure("\(words) ended with \(exit): \(errors)") }
    }

    // MARK: - The end

    /// Every event once, the model's bits those of a calculation without a fault, and the gauges.
    func finish() async throws {
        work[0].cancel()
        _ = await work[0].result
        let (count, broken) = (faucet.count, faucet.broken)
        let last = try await follower.accounted(count)
        for task in work.dropFirst() {
            task.cancel()
            try await task.value
        }
        let lives = gauges.spans(of: "trainer MiB").map(\.description).joined(separator: "\n")
        print("soak over: \(count) records, \(last)\n\(gauges.report())\ntrainer MiB by life: first third and last\n\(lives)")
        try campaign.report()
        try #require(last.learnt == count - broken && last.quarantined == broken && last.accounted == count && !last.isFrozen, "\(last)")
        let files = try faucet.writeClean(to: bench.folder)
        let evaluation: EvaluationReport = try await bench.report(["evaluate", "--config", model.configuration] + files)
        try #require(evaluation.examples == count - broken && last.digest == evaluation.modelDigest)
        try await LaneHistory(of: model, bench).check()
        try #require(gauges.complaints.isEmpty, "\(gauges.complaints)")
        // What a consumer holds of fetched records is anything up to `queued.max.messages.kbytes`.
        for (name, slack) in [("trainer MiB", 32.0), ("publisher MiB", 0), ("lag, events", 0)] {
            try #require(!gauges.spans(of: name).isEmpty, "\(name) was seen too seldom")
            let growth = gauges.growth(of: name, beyond: 0.25, and: slack)
            try #require(growth.isEmpty, "\(name) grew: \(growth)")
        }
        try await model.stop(trainer)
        await follower.close()
    }
}
