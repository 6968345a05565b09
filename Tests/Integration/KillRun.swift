import Foundation
import Learning
import Synchronization
import TestSupport
import Testing

/// One model whose trainer is killed over and over while events keep coming.
struct KillRun {
    private let bench: Bench
    private let model: Model
    private let proxy: KafkaProxy
    private let feed: Feed
    private let follower: LaneFollower
    private var random: SplitMix64
    private var stream: EventStream
    private var clean: [LabelledEvent] = []
    private var broken = 0
    private var campaign: Campaign
    /// The faults that the next version ends, the last of them at the end.
    private var wounds: [String] = []
    private static let ahead = 1_500

    init(_ bench: Bench, seed: UInt64) async throws {
        self.bench = bench
        proxy = try Bench.proxy()
        let kafka = Model.member.merging(["bootstrap.servers": proxy.bootstrapServers]) { $1 }
        model = try await Model(bench, "killed", kafka: kafka, ["checkpoint": "{interval: 100ms, holdBack: 100ms}"])
        (feed, follower) = (try model.feed(), model.follow())
        random = SplitMix64(seed: seed)
        stream = EventStream(seed: seed)
        campaign = Campaign(seed: seed)
    }

    private var written: Int { clean.count + broken }

    /// A hundred events, one of them broken, unless the trainer is far behind.
    private mutating func pour(accounted: Int) async throws {
        guard written - accounted < Self.ahead else { return }
        var values: [[UInt8]?] = []
        for index in 0..<100 {
            let event = stream.next()
            if index == 50 {
                values.append(event.broken(for: .notJSON))
                broken += 1
            } else {
                values.append(Array(event.json.utf8))
                clean.append(event)
            }
        }
        try await feed.produce(values: values)
    }

    /// Starts a trainer that dies at a point, and waits for its end.
    mutating func kill(at point: KillPoint) async throws {
        let victim = Victim()
        if point.isAtStart { proxy.arm(victim.rule(at: point, of: model.name)) }
        let (trainer, started) = (try model.start("train"), ContinuousClock.now)
        victim.name(trainer)
        if !point.isAtStart {
            try await awaitVersion(of: trainer, since: started)
            proxy.arm(victim.rule(at: point, of: model.name))
        }
        try await bench.eventually("an end of \(trainer.name) at \(point)") {
            try await pour(accounted: try await follower.newest()?.accounted ?? 0)
            return trainer.exit != nil
        }
        guard trainer.exit == .signal(SIGKILL) else { throw TestFailure("\(trainer.name) was to die at \(point): \(trainer.exit!)") }
        proxy.disarm()
        campaign.note("\(point)")
        wounds.append("\(point)")
    }

    /// Kills a trainer some pieces after its first version.
    mutating func killAtAnyTime() async throws {
        let trainer = try await startTrainer()
        for _ in 0..<random.below(8) { try await pour(accounted: try await follower.newest()?.accounted ?? 0) }
        try model.kill(trainer)
        campaign.note("any time")
        wounds.append("any time")
    }

    /// Takes the model back to a version while its trainer dies at a point; the next one obeys, and the operator lets it replay.
    mutating func rollBack(killedAt point: KillPoint) async throws {
        let trainer = try await startTrainer()
        let target = try await follower.accounted(written)
        try await pour(accounted: written)
        try await follower.accounted(written)
        proxy.arm(rule(at: point, ofRollbackTo: target, by: trainer))
        let command = try model.start("rollback", "--to", "\(target.version)", "--reason", "a test")
        guard try await trainer.ended(by: bench.deadline) == .signal(SIGKILL) else { throw TestFailure("\(trainer.name) ended early") }
        proxy.disarm()
        let fault = "rollback: \(point)"
        campaign.note(fault)
        let (next, started) = (try model.start("train"), ContinuousClock.now)
        // Of the next one's epoch: where the killed one had committed its own, the first of the next has the same slots and is frozen as well.
        let back = try await follower.version("a version that brings \(target.version) back") {
            $0.epoch > target.epoch && $0.isFrozen && $0.digest == target.digest
        }
        campaign.note(recoveryFrom: fault, after: ContinuousClock.now - started)
        try #require(back.accounted == target.accounted, "\(back) is not \(target)")
        try #require(try await command.ended(by: bench.deadline) == .code(0), "\(command.errorText)")
        let resume = try await model.run("resume", "--replay", "--reason", "a test")
        try #require(resume.exit == .code(0), "\(resume.errors)")
        try await follower.version("all \(written) records") { $0.accounted >= written && !$0.isFrozen }
        try await model.stop(next)
    }

    /// Kills a trainer at the first message of a kind by which it obeys a rollback.
    ///
    /// Without any command it fetches on and on at the end of its log, and clears its last version. So its own words tell when it obeys, and the
    /// version it is to bring back, which is long behind it, tells the answer in which it comes. Once it has the slots it says so, and what it writes
    /// next is them.
    private func rule(at point: KillPoint, ofRollbackTo target: WrittenVersion, by trainer: ChildProcess) -> ProxyRule {
        let (isReading, digest) = (point.api == .fetch, target.digest)
        let words = isReading ? "action=rollback" : "Rolled back"
        return ProxyRule(point.side, of: point.api, mentioning: point.mention(of: model.name), times: .max) { message in
            guard trainer.errorText.contains(words), !isReading || message.place(of: digest) != nil else { return .forward }
            trainer.kill()
            return .drop
        }
    }

    /// Lets a link fault last while events come, and waits for a version of the same trainer after it.
    mutating func suffer(_ link: KafkaProxy.Link, for time: Duration, _ trainer: ChildProcess) async throws {
        proxy.link = link
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end { try await pour(accounted: try await follower.newest()?.accounted ?? 0) }
        proxy.link = .open
        try await recover(from: "link \(link)", trainer)
    }

    /// Lets one message of each kind meet a fault.
    mutating func suffer(_ verdict: ProxyVerdict, at point: KillPoint, _ trainer: ChildProcess) async throws {
        let met = Met()
        proxy.arm(
            ProxyRule(point.side, of: point.api, mentioning: point.mention(of: model.name), first: point.number) { _ in
                met.note()
                return verdict
            })
        try await bench.eventually("\(point) in \(trainer.name)") {
            try await pour(accounted: try await follower.newest()?.accounted ?? 0)
            return met.isSo
        }
        try await recover(from: "\(verdict): \(point)", trainer)
    }

    private final class Met: Sendable {
        private let state = Mutex(false)

        func note() { state.withLock { $0 = true } }

        var isSo: Bool { state.withLock { $0 } }
    }

    private mutating func recover(from fault: String, _ trainer: ChildProcess) async throws {
        let (over, written) = (ContinuousClock.now, written)
        campaign.note(fault)
        try await bench.eventually("a version with all \(written) records after \(fault)") {
            if let exit = trainer.exit { throw TestFailure("\(trainer.name) ended with \(exit) after \(fault)") }
            return try await follower.newest().map { $0.accounted >= written } ?? false
        }
        proxy.disarm()
        campaign.note(recoveryFrom: fault, after: ContinuousClock.now - over)
    }

    /// Starts a trainer and waits for its first version.
    mutating func startTrainer() async throws -> ChildProcess {
        let (trainer, started) = (try model.start("train"), ContinuousClock.now)
        try await awaitVersion(of: trainer, since: started)
        return trainer
    }

    /// Waits for the first version of a trainer: the fault before it is over.
    private mutating func awaitVersion(of trainer: ChildProcess, since started: ContinuousClock.Instant) async throws {
        let known = try await follower.newest()?.epoch ?? 0
        try await bench.eventually("a version of an epoch after \(known)") {
            if let exit = trainer.exit { throw TestFailure("\(trainer.name) ended with \(exit) before its first version") }
            let newest = try await follower.newest()
            try await pour(accounted: newest?.accounted ?? 0)
            return newest.map { $0.epoch > known } ?? false
        }
        for (index, wound) in wounds.enumerated() {
            // How long it took is said of the last fault alone: the others were cut short by the next.
            campaign.note(recoveryFrom: wound, after: index == wounds.count - 1 ? ContinuousClock.now - started : nil)
        }
        wounds = []
    }

    /// Lets a last trainer learn the rest, and compares.
    mutating func finish(_ running: ChildProcess? = nil) async throws {
        var last = running
        if last == nil { last = try await startTrainer() }
        try await finish(with: last!)
    }

    private func finish(with trainer: ChildProcess) async throws {
        let last = try await follower.accounted(written)
        try #require(!last.isFrozen, "\(last)")
        try #require(last.learnt == clean.count && last.quarantined == broken && last.accounted == written, "\(last)")
        let evaluation = try await model.evaluate(clean)
        try #require(evaluation.examples == clean.count && last.digest == evaluation.modelDigest)
        try await model.stop(trainer)
        try await LaneHistory(of: model, bench).check()
        try campaign.report()
        await follower.close()
        await feed.close()
    }
}
