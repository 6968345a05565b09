import Checkpointing
import Events
import Inspection
import Learning
import Logging

/// Commands from the control topic, applied once, and answered when the version that holds their effect is written.
extension LaneTrainer {
    func obey() async throws {
        try await refuseUnreadable()
        for command in await observer.commands(lane: writer.identity.lane) where handled.insert(command.id).inserted {
            // Applied in an earlier life whose answer was lost.
            if engine.hasApplied(command.id) {
                await observer.answer(answer(command, .applied, "applied before"))
                continue
            }
            let answer = try await apply(command)
            if answer.outcome == .applied {
                engine.noteApplied(command.id)
                answers.append(answer)
                wantsVersion = true
            } else {
                try await checkOwnership()
                await observer.answer(answer)
            }
        }
    }

    private func refuseUnreadable() async throws {
        for command in await observer.unreadable(lane: writer.identity.lane) where handled.insert(command.id).inserted {
            try await checkOwnership()
            let refusal = command.refusal(lane: writer.identity.lane, version: current?.body.version, at: clock.wall())
            logger.warning("A command cannot be read; it is refused", metadata: ["command": "\(command.id)", "why": "\(command.why)"])
            await observer.answer(refusal)
        }
    }

    /// What is applied is answered by way of a version, which only the owner can write. Only the owner may refuse, too: one who has lost the lane
    /// judges by a state that is no longer the lane's.
    private func checkOwnership() async throws {
        await writing?.value
        if let failure { throw failure }
        try await writer.lookForSuccessor()
    }

    private func apply(_ command: ControlCommand) async throws -> ControlAnswer {
        guard clock.wall() < command.expiresAt else { return answer(command, .refused, "it expired before it reached the trainer") }
        logger.notice(
            "Command", metadata: ["action": "\(command.action.rawValue)", "author": "\(command.author)", "reason": "\(command.reason)"])
        switch command.action {
        case .freeze: return freeze(command)
        case .resume: return resume(command)
        case .rollback: return try await rollBack(command)
        case .pin, .unpin: return try await pin(command)
        case .expect: return expect(command)
        }
    }

    private func freeze(_ command: ControlCommand) -> ControlAnswer {
        orders += engine.freeze(by: command.author, reason: command.reason, id: command.id, wall: clock.wall())
        return answer(command, .applied, "frozen; serving goes on")
    }

    private func resume(_ command: ControlCommand) -> ControlAnswer {
        guard engine.isFrozen else { return answer(command, .refused, "the gate is not frozen") }
        let mode = command.mode ?? .replay
        if let refusal = refusal(of: command.ranges, mode) { return answer(command, .refused, refusal) }
        orders += engine.resume(mode, ranges: command.ranges, by: Resumption(command, mode), wall: clock.wall())
        return answer(command, .applied, "resumed; \(effect(of: mode, command.ranges))")
    }

    private func refusal(of ranges: [InputRange]?, _ mode: ControlCommand.ResumeMode) -> String? {
        guard let ranges else { return nil }
        guard mode == .skip, !ranges.isEmpty else { return "ranges are to be set aside, which takes the mode skip" }
        for range in ranges {
            if let refusal = engine.refusal(of: range) { return refusal }
        }
        return nil
    }

    private func effect(of mode: ControlCommand.ResumeMode, _ ranges: [InputRange]?) -> String {
        if mode == .replay { return "everything since the freeze is learnt" }
        guard let ranges else { return "the events of the freeze are set aside" }
        return "\(ranges.map(\.description).joined(separator: ", ")) are set aside, and all others learnt"
    }

    private func rollBack(_ command: ControlCommand) async throws -> ControlAnswer {
        guard let version = command.version else { return answer(command, .refused, "it names no version") }
        await writing?.value
        let from = current?.body.version
        if let refusal = try await rollBack(to: version) { return answer(command, .refused, refusal.description) }
        orders += engine.freezeAfterRollback(to: version, by: command.author, reason: command.reason, id: command.id, wall: clock.wall())
        if let cause = engine.state.gate.causes.first(where: { $0.id == command.id }) {
            await observer.audit(.rollback(LaneRollback(from: from, to: version, for: cause)), lane: writer.identity.lane)
        }
        guard let mode = command.mode else {
            return answer(command, .applied, "brought back version \(version) and froze; resume with --replay or --skip")
        }
        orders += engine.resume(mode, by: Resumption(command, mode), wall: clock.wall())
        return answer(
            command, .applied,
            "brought back version \(version); what came after it is \(mode == .replay ? "learnt anew" : "set aside")")
    }

    private func expect(_ command: ControlCommand) -> ControlAnswer {
        guard let duration = command.duration, duration >= 0 else { return answer(command, .refused, "it does not say for how long") }
        guard duration > 0 else {
            engine.endExpectation()
            return answer(command, .applied, "no change is expected any more")
        }
        guard !engine.isFrozen else { return answer(command, .refused, "the gate is frozen; resume it, and announce what is to come") }
        guard let newest = engine.inspector.newestTime else { return answer(command, .refused, "no event has been read yet to count from") }
        let (until, isTooFar) = newest.addingReportingOverflow(duration)
        guard !isTooFar else { return answer(command, .refused, "it is longer than time is") }
        engine.expect(Expectation(command: command.id, author: command.author, reason: command.reason, until: until))
        return answer(
            command, .applied,
            "for \(duration / 1_000) s of the events' own time detectors of content alert where they would freeze; reject-rate and constant-label "
                + "freeze as ever")
    }

    private func pin(_ command: ControlCommand) async throws -> ControlAnswer {
        // The ladder of the version that is on its way is made already; what it drops is gone.
        await writing?.value
        if let failure { throw failure }
        guard let version = command.version, await writer.rungs.contains(where: { $0.version == version }) else {
            return answer(command, .refused, "version \(command.version ?? 0) is not retained")
        }
        pins[version] = command.action == .pin
        return answer(command, .applied, "\(command.action.rawValue)ned version \(version)")
    }

    private func answer(_ command: ControlCommand, _ outcome: ControlAnswer.Outcome, _ detail: String) -> ControlAnswer {
        ControlAnswer(
            to: command, lane: writer.identity.lane, outcome: outcome, detail: detail, version: current?.body.version, at: clock.wall())
    }

    // MARK: - Status

    func status(feed: FeedDiagnosis) -> LaneStatus {
        let state = engine.state
        let inputs = zip(state.inputs, engine.inspected).enumerated().map { index, pair in
            LaneStatus.Input(position: pair.0, inspected: pair.1, end: index < ends.count ? ends[index] : -1)
        }
        return LaneStatus(
            lane: writer.identity.lane, epoch: current?.body.epoch ?? 0, heartbeat: heartbeat,
            version: current.map {
                LaneStatus.Version(number: $0.body.version, createdAt: $0.body.createdAt, modelDigest: $0.body.modelDigest)
            },
            cleared: cleared, gate: state.gate, inputs: inputs, counts: state.counts,
            duplicates: configuration.specification.events.id == nil ? nil : state.inspector.duplicates, eventTimes: state.eventTimes,
            metrics: state.metrics.total.summary, window: state.metrics.lastWindow, twin: state.twin,
            detectors: engine.detectors, feed: feed, pending: engine.pendingCount,
            lag: inputs.reduce(0) { $0 + max(0, $1.end - $1.inspected) },
            modelDigest: engine.learner.digest(fingerprint: writer.identity.fingerprint), clipped: engine.learner.globals,
            frozenRanges: engine.frozenRanges, cleanRun: engine.cleanRun, expectation: engine.activeExpectation)
    }
}

extension Resumption {
    fileprivate init(_ command: ControlCommand, _ mode: ControlCommand.ResumeMode) {
        self.init(command: command.id, author: command.author, reason: command.reason, mode: mode.rawValue)
    }
}
