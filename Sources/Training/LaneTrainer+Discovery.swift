import Checkpointing
import Logging

/// Watching for input partitions that are added while a lane is learnt.
struct Discovery: Sendable {
    var lastLookAt: Double?
    var looking: Task<Void, Never>?
    /// How many partitions the lane's share had at the last look.
    var found: Int?
}

extension LaneTrainer {
    /// Asks for the partitions beside the reading, and takes up new ones from their start.
    func lookForPartitions(now: Double) async throws {
        // A training with an end takes what there was when it began.
        guard configuration.until == nil else { return }
        if let found = discovery.found, found != shared { try await takeUp(found) }
        discovery.found = nil
        guard discovery.looking == nil, now - (discovery.lastLookAt ?? lastLookBefore(now)) >= configuration.discovery.inSeconds else {
            return
        }
        discovery.lastLookAt = now
        discovery.looking = Task {
            // A broker that does not answer is asked again.
            self.discovery.found = try? await self.source.partitionCount()
            self.discovery.looking = nil
        }
    }

    /// Taking the lane was the first look.
    private func lastLookBefore(_ now: Double) -> Double {
        discovery.lastLookAt = now
        return now
    }

    /// The inputs that are the lane's share; others it may still hold.
    private var shared: Int { engine.held.count { configuration.share.contains($0.partition) } }

    private func takeUp(_ found: Int) async throws {
        guard found > shared else {
            // Whoever takes the lane again says which ones.
            throw LogFailure(.indefinite, "the input has \(found) partitions where there were \(shared)")
        }
        try await assign(try await addInputs(isNew: false))
        wantsVersion = true
        logger.notice(
            "Input partitions were added", metadata: ["lane": "\(writer.identity.lane)", "inputs": "\(engine.state.inputs.count)"])
    }
}
