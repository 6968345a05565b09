import Checkpointing
import Inspection
import Learning
import Synchronization
import TestSupport
import Testing

@testable import Training

/// Two trainers on one lane, and brokers that do not keep them apart.
@Suite struct OwnershipTests {
    private func bench() throws -> LaneBench {
        var feed = SampleFeed(seed: 17)
        feed.append(300)
        return try LaneBench(feed) { $0.policy.stall = .after(seconds: 1_000) }
    }

    private func expectFenced(_ trainer: LaneTrainer) async throws {
        await trainer.want()
        let failure = await #expect(throws: LogFailure.self) { try await trainer.stepAndSettle() }
        #expect(failure?.kind == .fenced)
    }

    @Test(arguments: [false, true]) func theLoserCommitsNothingMore(fencesNobody: Bool) async throws {
        let bench = try bench()
        bench.topic.faults.fencesNobody = fencesNobody
        let old = try await bench.started()
        _ = try await old.version()
        let new = try await bench.started()
        let version = try await new.version()
        let records = bench.topic.records.count
        bench.input.write { $0.append(50) }
        try await expectFenced(old)
        #expect(bench.topic.records.count == records && bench.newest?.body.writer == version.body.writer)
        try await new.catchUp()
        let last = try await new.version()
        #expect(last.body.epoch == 2 && last.body.state.counts.learnt == 350)
    }

    @Test func theLoserClearsNothing() async throws {
        let bench = try bench()
        let old = try await bench.started()
        let version = try await old.version()
        _ = try await bench.started()
        bench.clock.advance(by: 3)
        let failure = await #expect(throws: LogFailure.self) {
            try await old.stepAndSettle()
            try await old.stepAndSettle()
        }
        #expect(failure?.kind == .fenced && !bench.view.isCleared(version.id))
    }

    /// It is not frozen in its own mind; the lane is.
    @Test func theLoserRefusesNothing() async throws {
        let bench = try bench()
        let old = try await bench.started()
        let new = try await bench.started()
        bench.observer.order(.freeze)
        try await new.stepAndSettle()
        bench.observer.order(.resume, mode: .replay)
        let failure = await #expect(throws: LogFailure.self) { try await old.stepAndSettle() }
        #expect(failure?.kind == .fenced && bench.observer.answers.count == 1)
        try await new.stepAndSettle()
        #expect(bench.observer.answers.map(\.answer.outcome) == [.applied, .applied])
    }

    @Test func oneWhoGetsItsLaneBackGoesOnInTheSameEpoch() async throws {
        let bench = try bench()
        let trainer = try bench.trainer()
        try await bench.park(trainer)
        let before = bench.topic.records.count
        bench.input.write { $0.append(50) }
        try await bench.park(trainer)
        try await trainer.catchUp()
        let last = try await trainer.version()
        #expect(last.body.epoch == 1 && last.body.state.counts.learnt == 350)
        #expect(bench.topic.records[before...].allSatisfy { RecordKey($0.key).map { if case .owner = $0 { false } else { true } } ?? true })
    }

    @Test func oneWhoseLaneWasTakenMeanwhileDoesNotGoOn() async throws {
        let bench = try bench()
        let old = try bench.trainer()
        try await bench.park(old)
        let new = try await bench.started()
        let records = bench.topic.records.count
        let failure = await #expect(throws: LogFailure.self) { _ = try await old.run() }
        #expect(failure?.kind == .fenced && bench.topic.records.count == records)
        #expect(try await new.version().body.epoch == 2)
    }

    @Test func oneWhoStoodByGoesOnWithTheSameBits() async throws {
        let bench = try bench()
        let old = try await bench.started()
        let standby = try bench.trainer()
        try await standby.writer.standBy(wait: .zero)
        bench.input.write { $0.append(200) }
        try await old.catchUp()
        _ = try await old.version()
        try await standby.writer.standBy(wait: .zero)
        bench.input.write { $0.append(30) }
        try await standby.start()
        try await standby.catchUp()
        let look = await standby.look
        #expect(look.state.counts.learnt == 530)
        #expect(
            look.digest
                == digest(
                    of: bench.input.contents, fingerprint: try bench.fingerprint, specification: bench.configuration.specification.learner))
    }

    /// Nothing but the owner record between its own records tells the old trainer that it has lost the lane.
    @Test func onABrokerThatFencesNobodyASuccessorInTheMiddleOfAWriteIsSeen() async throws {
        let bench = try bench()
        // As librdkafka's mock cluster does it.
        bench.topic.faults.fencesNobody = true
        bench.topic.faults.showsAborted = true
        bench.topic.faults.showsOpen = true
        let takesOver = Flag()
        let log = HookedLog(bench.topic) { call throws(LogFailure) in
            guard call == .setAside, takesOver.value else { return }
            takesOver.value = false
            do { _ = try await bench.started() } catch { throw LogFailure(.permanent, "\(error)") }
        }
        let old = try await bench.started(log: log)
        takesOver.value = true
        bench.input.write { $0.append(50) }
        // The version in whose middle it happens is written, and nobody takes it for one.
        let lost = try await old.version()
        #expect(lost.body.epoch == 1 && bench.newest?.body.epoch == 2)
        try await expectFenced(old)
    }

    /// A successor's record may lie behind the transaction that is open.
    @Test func whoCannotReadTheirLastVersionWritesNoOther() async throws {
        let bench = try bench()
        bench.topic.faults.fencesNobody = true
        let trainer = try await bench.started()
        let stray = MemoryLog(bench.topic)
        try stray.fence()
        _ = try stray.append([LogEntry(.owner(epoch: 2, writer: WriterID(bits: 7)), [])])
        bench.input.write { $0.append(50) }
        try await trainer.stepAndSettle()
        _ = try await trainer.version()
        bench.input.write { $0.append(50) }
        await trainer.want()
        let failure = await #expect(throws: LogFailure.self) { try await trainer.stepAndSettle() }
        #expect(failure?.kind == .indefinite)
    }

    /// The only manifest in the log is that of one who had lost the lane by then: there is no version yet, and none is lost.
    @Test func aFirstVersionThatCameTooLateDoesNotEndTheModel() async throws {
        let bench = try bench()
        bench.topic.faults.fencesNobody = true
        let takesOver = Flag()
        takesOver.value = true
        let log = HookedLog(bench.topic) { call throws(LogFailure) in
            guard call == .setAside, takesOver.value else { return }
            takesOver.value = false
            // The successor takes the lane and dies.
            do { _ = try await bench.trainer().writer.take() } catch { throw LogFailure(.permanent, "\(error)") }
        }
        let old = try bench.trainer(log: log)
        try await old.start()
        await old.writing?.value
        #expect(bench.view.manifests.count == 1 && bench.newest == nil)
        let next = try await bench.started()
        #expect(try await next.version().body.epoch == 3)
        #expect(await next.look.digest == digest(of: bench.input.contents, fingerprint: try bench.fingerprint))
    }

    /// As above, but its manifest and its input offsets come between the successor's last look at the log and its question for such offsets.
    @Test func aFirstVersionThatComesWhileItsSuccessorBeginsDoesNotEndTheModel() async throws {
        let bench = try bench()
        bench.topic.faults.fencesNobody = true
        let (pause, pauses) = AsyncStream.makeStream(of: Void.self)
        let (wake, wakes) = AsyncStream.makeStream(of: Void.self)
        let log = HookedLog(bench.topic) { call throws(LogFailure) in
            guard call == .setAside else { return }
            pauses.yield()
            for await _ in wake { break }
        }
        let old = try bench.trainer(log: log)
        try await old.start()
        for await _ in pause { break }
        let source = MemoryInput(bench.input) {
            wakes.yield()
            await old.writing?.value
            #expect(bench.topic.committedInputs.count == 1 && bench.view.manifests.count == 1 && bench.newest == nil)
        }
        let next = try bench.trainer(source: source)
        try await next.start()
        try await next.catchUp()
        #expect(try await next.version().body.epoch == 2)
        #expect(await next.look.digest == digest(of: bench.input.contents, fingerprint: try bench.fingerprint))
    }

    /// What is left of it is no manifest by one who had lost the lane.
    @Test func aModelOfWhoseManifestsPartsAreLostIsNotWrittenOver() async throws {
        let bench = try bench()
        var limits = WriteLimits()
        limits.partBytes = 512
        let trainer = try bench.trainer(limits: limits)
        try await trainer.start()
        try await trainer.catchUp()
        try await trainer.version()
        for record in bench.topic.records {
            if case .manifest(_, part: 1) = RecordKey(record.key) { bench.topic.damage(at: record.offset) { _ in nil } }
        }
        let next = try bench.trainer()
        let failure = await #expect(throws: LogFailure.self) { try await next.start() }
        #expect(failure?.kind == .permanent && failure?.reason.contains("of the manifest of version 2 parts are lost") == true)
        let anew = try bench.trainer(succession: .reset)
        try await anew.start()
        try await anew.catchUp()
        #expect(try await anew.version().body.state.counts.learnt == 300)
    }

    /// The foreign record has taken the number the twin was told.
    @Test func theTwinIsCalledByTheNumberItsVersionGot() async throws {
        var feed = SampleFeed(seed: 17)
        feed.append(300)
        let bench = try LaneBench(feed) {
            $0.policy.twinAge = 100
            $0.policy.stall = .after(seconds: 1_000)
        }
        bench.topic.faults.showsAborted = true
        let trainer = try await bench.started()
        let stray = MemoryLog(bench.topic)
        let page = PageID(index: 0, id: VersionID(version: 41, writer: WriterID(bits: 7)))
        bench.topic.faults.fencesNobody = true
        try stray.fence()
        try stray.begin()
        _ = try stray.append([LogEntry(.page(page), [1])])
        try stray.commit([])
        let version = try await trainer.version()
        #expect(version.body.version == 42)
        #expect(version.body.state.twin?.version == 42 && version.body.state.twin?.successor == 42)
        #expect(await trainer.look.state.twin?.successor == 42)
    }

    @Test func everyDeathWhileAVersionIsWrittenEndsInTheSameBits() async throws {
        for death in 0..<8 {
            let bench = try bench()
            let trainer = try await bench.started()
            _ = try await trainer.version()
            bench.input.write {
                $0.append(40); $0.append(1, .rejected); $0.append(200)
            }
            let calls = Mutex(0)
            let mortal = Flag()
            let log = HookedLog(bench.topic) { call throws(LogFailure) in
                guard mortal.value, call != .read else { return }
                let number = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                if number > death { throw LogFailure(.indefinite, "died") }
            }
            let second = try await bench.started(log: log)
            mortal.value = true
            await second.want()
            try? await second.stepAndSettle()
            let third = try await bench.started()
            _ = try await third.version()
            let look = await third.look
            let model = digest(of: bench.input.contents, fingerprint: try bench.fingerprint)
            #expect(look.digest == model && look.state.counts.learnt == 540, "death \(death)")
            #expect(bench.topic.quarantined.map(\.place) == ["0@340"], "death \(death)")
        }
    }
}

/// Versions that a rollback went back past.
@Suite struct UndoneTests {
    @Test func aDetectorNeverBringsBackWhatWasUndone() async throws {
        var feed = SampleFeed(seed: 19)
        feed.append(400)
        let bench = try LaneBench(feed) { $0.policy.stall = .after(seconds: 1_000) }
        let trainer = try await bench.started(retention: Retention(latest: 3, hourly: 0, daily: 0))
        let good = try await trainer.version()
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        // The one that is to be undone; an operator keeps it, to look at it.
        let undone = try await trainer.version()
        bench.observer.order(.pin, version: undone.body.version)
        bench.observer.order(.rollback, version: good.body.version)
        try await trainer.stepAndSettle()
        bench.observer.order(.resume, mode: .skip)
        for _ in 0..<6 {
            bench.input.write { $0.append(100) }
            bench.clock.advance(by: 3)
            try await trainer.catchUp()
            _ = try await trainer.version()
        }
        let rungs = await trainer.writer.rungs
        #expect(rungs.filter(\.isUndone).map(\.version) == [undone.body.version])
        let sequence = undone.body.state.inspector.sequence
        #expect(await trainer.writer.newestVersion(inspectedNoMoreThan: sequence) == nil)
        // By hand it can be brought back, and is a forebear again then.
        bench.observer.order(.rollback, version: undone.body.version)
        try await trainer.stepAndSettle()
        #expect(bench.newest?.body.modelDigest == undone.body.modelDigest)
        _ = try await trainer.version()
        #expect(await trainer.writer.newestVersion(inspectedNoMoreThan: sequence) != nil)
        #expect(await trainer.writer.rungs.first { $0.version == undone.body.version }?.isUndone == false)
    }

    /// An order set events aside that the version brought back had learnt: its ledger does not say so.
    @Test func theLedgerTellsWhatTheVersionBroughtBackDid() async throws {
        var feed = SampleFeed(seed: 19)
        feed.append(400)
        let bench = try LaneBench(feed) { $0.policy.stall = .after(seconds: 1_000) }
        let trainer = try await bench.started()
        let good = try await trainer.version()
        bench.input.write { $0.append(100) }
        try await trainer.catchUp()
        let undone = try await trainer.version()
        bench.observer.order(.rollback, version: good.body.version)
        try await trainer.stepAndSettle()
        bench.input.write { $0.append(20) }
        try await trainer.stepAndSettle()
        bench.observer.order(.resume, mode: .skip)
        try await trainer.catchUp()
        #expect(await trainer.look.state.skips.map { [$0.from, $0.to] } == [[400, 520]])
        bench.observer.order(.rollback, version: undone.body.version)
        try await trainer.stepAndSettle()
        let back = await trainer.look
        #expect(back.digest == undone.body.modelDigest && back.positions == [500])
        // What was decided about events that it had not learnt stays.
        #expect(back.state.skips.map { [$0.from, $0.to] } == [[500, 520]] && back.state.counts.skipped == 0)
        bench.observer.order(.resume, mode: .replay)
        try await trainer.catchUp()
        let end = await trainer.look
        #expect(end.digest == digest(of: bench.input.contents, without: end.state.skips, fingerprint: try bench.fingerprint))
    }
}
