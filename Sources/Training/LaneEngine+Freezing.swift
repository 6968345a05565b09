import Checkpointing
public import Inspection
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
        return orders + note(suspect: isSuspect)
    }

    private mutating func note(suspect: Bool) -> [Order] {
        guard let transition = state.gate.suspect(suspect) else { return [] }
        return [.audit(transition)]
    }

    private mutating func freeze(for alarm: Alarm, wall: Int64) -> [Order] {
        freeze(
            FreezeCause(alarm, since: wall, resume: policy.resume(of: FreezeKind(alarm.family))), changePoint: alarm.changePoint)
    }

    /// Freezes with a cause. Nothing at or past the change point (a sequence number of the inspector) stays learnt.
    mutating func freeze(_ cause: FreezeCause, changePoint: UInt64?) -> [Order] {
        let before = state.gate.causes
        guard let transition = state.gate.freeze(cause) else { return [] }
        if before.isEmpty { standStill() }
        // A silent feed doubts nothing it delivered: the first cause that does sets the change point, others can only move it back.
        if cause.kind != .feedStalled { doubt(from: changePoint, isFirst: before.allSatisfy { $0.kind == .feedStalled }) }
        hasChanged = true
        return undo(from: changePoint, for: cause) + [.audit(transition), .write]
    }

    /// Damage that may have been learnt does not stay.
    private mutating func undo(from changePoint: UInt64?, for cause: FreezeCause) -> [Order] {
        guard let changePoint else { return [] }
        guard changePoint < state.inspector.sequence else {
            state.gate.note(.nothingLearnt, of: cause.id)
            return []
        }
        undoing[cause.id] = changePoint
        return [.rollBack(before: changePoint)]
    }

    /// Whether a rollback that was ordered is still to be done. Another one may have gone far enough, and the newest version before this change
    /// point may be one that it undid.
    public func isToUndo(from changePoint: UInt64) -> Bool { changePoint < state.inspector.sequence }

    /// What became of a rollback: the version that was brought back, or nil where none that is old enough is retained.
    ///
    /// - Returns: the causes that it was for, as they stand at the gate now.
    @discardableResult
    public mutating func noteRollback(before changePoint: UInt64, to version: UInt64?) -> [FreezeCause] {
        // What undoes one cause's damage undoes that of all later ones.
        let done = undoing.filter { version == nil ? $0.value == changePoint : $0.value >= changePoint }
        for id in done.keys {
            state.gate.note(version == nil ? .nothingRetained : .rolledBack, rolledBackTo: version, of: id)
            undoing[id] = nil
        }
        hasChanged = true
        return state.gate.causes.filter { done[$0.id] != nil }
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
        forgetCleanRun()
        return orders + [.reassign]
    }
}
