import Checkpointing
import Inspection
import Logging

/// Going back to a retained version: because damage may have been learnt, or because an operator says so.
extension LaneTrainer {
    /// Brings back the newest version that holds nothing from a change point (a sequence number of the inspector) on.
    func rollBack(before changePoint: UInt64) async throws {
        guard engine.isToUndo(from: changePoint) else { return }
        await writing?.value
        let from = current?.body.version
        var target: UInt64?
        if let version = await writer.newestVersion(inspectedNoMoreThan: changePoint), try await rollBack(to: version) == nil {
            target = version
        }
        if target == nil {
            logger.error(
                "No retained version precedes the change point; what was learnt past it stays", metadata: ["changePoint": "\(changePoint)"])
            // Nor is any of it ever cleared.
            forgetClearance()
        }
        for cause in engine.noteRollback(before: changePoint, to: target) {
            await observer.audit(.rollback(LaneRollback(from: from, to: target, for: cause)), lane: writer.identity.lane)
        }
    }

    /// Takes a retained version's slots back; the next version written holds them.
    ///
    /// - Returns: why not, where it cannot be.
    func rollBack(to version: UInt64) async throws -> RollbackRefusal? {
        await writing?.value
        if let failure { throw failure }
        // Reading a version takes what it takes, as it does when the lane is taken.
        watches.lost(writer.identity.lane)
        guard let restored = try await writer.restore(version: version), isProved(restored) else {
            return .notWhole(version, retained: await writer.rungs.map(\.version))
        }
        if let input = engine.state.learntElsewhere(restored.manifest.body.state.inputs) { return .learntElsewhere(version, input) }
        try engine.adopt(restored, keepingDecisions: true)
        try await restoreTwins()
        // What was written past the version may hold what is being undone: it is never cleared.
        forgetClearance()
        rolledBack = Rollback(to: restored.manifest, wasCleared: restored.cleared)
        wantsVersion = true
        logger.notice("Rolled back", metadata: ["version": "\(version)", "lane": "\(writer.identity.lane)"])
        return nil
    }

    private func forgetClearance() {
        clearance = configuration.holdBack
        clearable = nil
    }
}
