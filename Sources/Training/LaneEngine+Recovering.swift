import Checkpointing
import Inspection
import Learning

/// Going on by itself: what froze the lane is of a kind that ends cleanly, and the events show that it has.
extension LaneEngine {
    /// Whether what froze the lane is over. What is read from here on is read again, and not looked at before.
    var hasRecovered: Bool { cleanStart != nil && state.recovery?.isOver(after: policy.cleanEvents) == true && endsByItself() }

    /// Events in a row that may end the freeze; nil while nothing but a person can.
    var cleanRun: UInt64? { isFrozen && endsByItself() ? state.recovery?.run ?? 0 : nil }

    /// Whether the freeze is one that ends by itself.
    ///
    /// - Parameter alarms: of this batch, which are not at the gate yet.
    private func endsByItself(_ alarms: [Alarm] = []) -> Bool {
        let coming = alarms.filter { $0.action == .freeze }.map { FreezeKind($0.family) }
        guard state.gate.doubtsContent || !coming.isEmpty else { return false }
        // Damage that stays in the model is nothing to go on with.
        return state.gate.causes.allSatisfy { $0.resume == .automatic && $0.did != .nothingRetained }
            && coming.allSatisfy { policy.resume(of: $0) == .automatic }
    }

    /// Takes note of an event that was inspected in a frozen lane, or that is going to freeze it; true when the freeze is over by it.
    mutating func recovers(by record: InputBatch.Record, of batch: borrowing InputBatch, _ alarms: [Alarm]) -> Bool {
        guard endsByItself(alarms) else { return false }
        var time: Int64?
        if case .example(let row) = record.content { time = batch.examples.times[row] }
        var recovery = state.recovery ?? RecoveryWatch()
        recovery.observe(inspector.unrest, time: time)
        if recovery.run <= 1 { cleanStart = recovery.run == 0 ? nil : positions(before: record) }
        state.recovery = recovery
        return recovery.isOver(after: policy.cleanEvents)
    }

    /// What had been inspected before the record that was inspected last.
    private func positions(before record: InputBatch.Record) -> [InputOffset] {
        var positions = inspected
        positions[record.input] = record.offset
        return offsets(positions)
    }

    /// Goes on, if it is over, without the events from the change point to the first of the run; or leaves that to a person, if it happens too
    /// often.
    mutating func recover() -> [Order] {
        // A silent feed has to come back first.
        let isSilent = state.gate.causes.contains { !$0.kind.doubtsContent }
        guard hasRecovered, !isSilent, let recovery = state.recovery else { return [] }
        guard recovery.mayResume else { return leaveToPerson() }
        let ranges = doubted(to: state.inputs.map { input in offset(of: input, in: cleanStart) ?? input.next })
        let reason = "no detector has had the evidence for an alarm in \(recovery.run) events in a row"
        let causes = state.gate.causes
        guard let transition = state.gate.liftAll(by: Resumption(author: "freshet", reason: reason, mode: "skip")) else { return [] }
        // The detectors go on from where the learner stands, as if what is set aside had never been.
        setAside(ranges, for: causes)
        state.recovery?.resumed()
        return [.audit(transition)] + goOn()
    }

    private mutating func leaveToPerson() -> [Order] {
        let note =
            "It is over, but \(RecoveryWatch.resumesMost) freezes have ended by themselves within a day of the events' time: look at the input, and "
            + "resume."
        guard let transition = state.gate.leaveToPerson(because: note) else { return [] }
        forgetCleanRun()
        hasChanged = true
        return [.audit(transition), .reassign, .write]
    }

    mutating func forgetCleanRun() {
        cleanStart = nil
        state.recovery?.restart()
    }
}
