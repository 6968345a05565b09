import Checkpointing
import Inspection
import Learning

/// Freezing and resuming: the gate's decisions, turned into state and orders.
extension LaneEngine {
    // MARK: - Alarms

    mutating func orders(for alarms: [Alarm], wall: Int64) -> [Order] {
        var orders: [Order] = []
        for alarm in alarms {
            // An incident is told once, also when its detector raises it anew after a restart.
            if alarm.action == .freeze, state.gate.causes.contains(where: { $0.id == alarm.detector }) { continue }
            orders.append(.alert(alarm))
            if alarm.action == .freeze { orders += freeze(for: alarm, wall: wall) }
        }
        return orders + note(suspect: inspector.isSuspect)
    }

    private mutating func note(suspect: Bool) -> [Order] {
        guard let transition = state.gate.suspect(suspect) else { return [] }
        return [.audit(transition)]
    }

    private mutating func freeze(for alarm: Alarm, wall: Int64) -> [Order] {
        freeze(FreezeCause(alarm, since: wall, resume: .manual), changePoint: alarm.changePoint)
    }

    /// Freezes with a cause. Nothing at or past the change point (a sequence number of the inspector) stays learnt.
    mutating func freeze(_ cause: FreezeCause, changePoint: UInt64?) -> [Order] {
        let before = state.gate.causes
        guard let transition = state.gate.freeze(cause) else { return [] }
        var orders: [Order] = [.audit(transition)]
        if before.isEmpty { standStill() }
        // A silent feed doubts nothing it delivered: the first cause that does sets the change point, others can only move it back.
        if cause.kind != .feedStalled { doubt(from: changePoint, isFirst: before.allSatisfy { $0.kind == .feedStalled }) }
        if let changePoint, changePoint < state.inspector.sequence { orders.append(.rollBack(before: changePoint)) }
        hasChanged = true
        return orders + [.write]
    }

    /// What is held back will be read again on resume.
    private mutating func standStill() {
        state.recent = recent.runs(before: state.inspector.sequence)
        state.frozen = FrozenRange(changePoint: offsets(state.inputs.map(\.next)), inspected: offsets(inspected))
        pending = []
        frozenMetrics = ProgressiveMetrics(task: specification.task)
    }

    private mutating func doubt(from changePoint: UInt64?, isFirst: Bool) {
        let doubted = positions(before: changePoint)
        let known = isFirst ? doubted : zip(state.inputs, doubted).map { min(self.changePoint(of: $0) ?? $0.next, $1) }
        let changePoint = offsets(known)
        state.frozen?.changePoint = changePoint
    }

    /// Positions that no event from the change point on lies before. When it is too long ago to be known exactly they are the starts, which
    /// the rollback that has to follow moves up to the version it brings back.
    private func positions(before changePoint: UInt64?) -> [Int64] {
        guard let changePoint else { return state.inputs.map(\.next) }
        if let positions = recent.positions(before: changePoint, now: inspected) { return positions }
        return changePoint < state.inspector.sequence ? state.inputs.map(\.start) : state.inputs.map(\.next)
    }

    func offsets(_ positions: [Int64]) -> [InputOffset] {
        zip(state.inputs, positions).map { InputOffset(topic: $0.topic, partition: $0.partition, offset: $1) }
    }

    /// A freeze that came from the control topic.
    public mutating func freeze(by author: String, reason: String, id: String, wall: Int64) -> [Order] {
        freeze(
            FreezeCause(
                id: id, kind: .operatorOrder, detail: reason.isEmpty ? "frozen by \(author)" : reason, since: wall, resume: .manual,
                author: author, reason: reason),
            changePoint: nil)
    }

    /// A rollback by hand is a freeze at the positions of the version that was brought back.
    public mutating func freezeAfterRollback(to version: UInt64, by author: String, reason: String, id: String, wall: Int64) -> [Order] {
        let cause = FreezeCause(
            id: id, kind: .operatorOrder, detail: "rolled back to version \(version)", since: wall, resume: .manual, author: author,
            reason: reason)
        let orders = freeze(cause, changePoint: nil)
        let learnt = state.inputs.map(\.next)
        inspected = zip(learnt, inspected).map { max($0, $1) }
        // The version may be of another line than the one inspected so far: its own numbers count from here.
        inspector = state.inspector
        recent = RecentPositions(state.recent, through: inspector.sequence)
        state.frozen = FrozenRange(changePoint: offsets(learnt), inspected: offsets(inspected))
        return orders + [.reassign]
    }

    // MARK: - Resuming

    /// Lifts every cause. What lies before the change point is learnt in any case, what lies past it by `mode`.
    public mutating func resume(_ mode: ControlCommand.ResumeMode, wall: Int64) -> [Order] {
        let causes = state.gate.causes
        guard let transition = state.gate.liftAll() else { return [] }
        if mode == .skip { setAsideFrozenRange(causes) }
        switch mode {
        // This is how the stream is now: the detectors learn it anew.
        case .replay: state.inspector.accept(causes.map(\.id))
        // The bands stay, and alarm again if it goes on.
        case .skip: state.inspector.forget(causes.map(\.id))
        }
        return [.audit(transition)] + goOn()
    }

    /// Enters [change point, inspected) in the ledger: the events stay in the input topic, and are passed over.
    private mutating func setAsideFrozenRange(_ causes: [FreezeCause]) {
        let reason = causes.map { "\($0.kind.rawValue): \($0.detail)" }.joined(separator: "; ")
        for (index, input) in state.inputs.enumerated() {
            let from = max(changePoint(of: input) ?? input.next, input.next)
            guard from < inspected[index] else { continue }
            state.skips.append(
                SkipRange(topic: input.topic, partition: input.partition, from: from, to: inspected[index], reason: reason))
        }
        trimLedger()
    }

    /// The oldest entries go, but none that is still to be passed over.
    private mutating func trimLedger() {
        var excess = state.skips.count - policy.ledgerEntries
        let inputs = state.inputs
        state.skips.removeAll { range in
            let isBehind = inputs.contains { $0.topic == range.topic && $0.partition == range.partition && range.to <= $0.next }
            guard excess > 0, isBehind else { return false }
            excess -= 1
            return true
        }
    }

    func changePoint(of input: InputPosition) -> Int64? {
        state.frozen?.changePoint.first { $0.topic == input.topic && $0.partition == input.partition }?.offset
    }

    /// Back to the learnt position, with the inspector as it was there.
    mutating func goOn() -> [Order] {
        state.frozen = nil
        probation = nil
        standAtLearntPosition()
        hasChanged = true
        return [.reassign, .write]
    }
}
