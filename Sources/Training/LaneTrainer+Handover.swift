import Checkpointing
import Learning
import Logging

/// Partitions that change lanes when there are more lanes than before.
extension LaneTrainer {
    /// Writes a version that lets go of what is another lane's share by now. A frozen lane keeps it: what is in doubt is decided where it was met.
    func handOver() async throws {
        let share = configuration.share
        guard !engine.isFrozen, engine.learner.globals.lanes != share.lanes || engine.holds(beyond: share) else { return }
        // What was brought back is written as it was, before it is divided.
        if rolledBack != nil { try await writeNow(pinned: false) }
        engine.divide(among: share.lanes)
        guard engine.holds(beyond: share) else { return }
        engine.handOver(beyond: share)
        try await writeNow(pinned: false)
    }

    /// Takes over what other lanes have let go of; waits for what they still hold.
    ///
    /// - Returns: whether there was any such partition. A new lane then begins with the model of the lane it came from.
    func takeOver(_ missing: [AvailableInput], isNew: Bool) async throws -> Bool {
        let handovers = try await handovers(of: missing)
        var isGrown = false
        for handover in handovers {
            guard case .handedOver(let lane, let version, let position, let skips) = handover else { continue }
            if isNew, !isGrown { try await inherit(version: version, of: lane) }
            isGrown = true
            engine.takeOver(position, skips: skips)
            logger.notice(
                "Partition taken over",
                metadata: [
                    "input": "\(position.topic)[\(position.partition)]", "offset": "\(position.next)", "from": "lane \(lane)",
                    "version": "\(version)", "lane": "\(configuration.share.lane)",
                ])
        }
        return isGrown
    }

    /// Looks so often at what the other lanes say, and no longer than so many seconds, before the lane is taken anew.
    private static let patience = (looks: 120, pause: Duration.milliseconds(250))

    private func handovers(of missing: [AvailableInput]) async throws -> [Handover] {
        let share = configuration.share
        for look in 1...Self.patience.looks {
            let sights = try await others.look()
            var manifests = sights.compactMap(\.newest)
            // As if the topic were empty: what another configuration's lanes let go of is not gone on with.
            if configuration.succession == .reset { manifests.removeAll { $0.body.fingerprint != writer.identity.fingerprint } }
            if let current { manifests.append(current) }
            let handovers = missing.map { Handover(topic: $0.topic, partition: $0.partition, in: manifests) }
            let index = missing.indices.first { handovers[$0].isHeld || share.mayBeClaimed(missing[$0].partition, sights) }
            guard let index else { return handovers }
            if look == Self.patience.looks {
                throw LogFailure(
                    .indefinite,
                    "\(missing[index].topic)[\(missing[index].partition)] belongs to lane \(share.lane) now, but another lane has "
                        + "not let go of it: no trainer runs that lane, it is frozen, or its trainer does not know of \(share.lanes) lanes "
                        + "yet. See: freshet lanes")
            }
            // The group waits for whoever is to give the lane back.
            if tenure.isOver { throw CancellationError() }
            // To wait for another lane is no call that hangs.
            watches.begin(share.lane)
            try await others.wait(Self.patience.pause)
        }
        return []
    }

    private func inherit(version: UInt64, of lane: UInt16) async throws {
        guard let restored = try await others.restore(version: version, of: lane) else {
            throw LogFailure(.indefinite, "version \(version) of lane \(lane) was to be begun with and is not retained any more")
        }
        try engine.inherit(restored)
        engine.divide(among: configuration.share.lanes)
        inherited = Set(restored.slots.keys)
    }
}

extension Handover {
    fileprivate var isHeld: Bool {
        if case .held = self { true } else { false }
    }
}
