import Checkpointing
import Learning
import Logging

/// Taking a lane and finding out where to read.
extension LaneTrainer {
    func start() async throws {
        let restored = try await writer.take(succeedsOthers: configuration.succession != .refuse)
        if let restored {
            try prove(restored)
            try engine.adopt(restored, keepingDecisions: false)
            current = restored.manifest
            try await inheritClearance(restored)
            cleared = await writer.rungs.last { $0.cleared }?.version
            try await restoreTwins()
        } else {
            try await succeed()
        }
        try await handOver()
        let available = try await addInputs(isNew: restored == nil && engine.state.inputs.isEmpty)
        engine.begin(now: clock.monotonic())
        setBound(available)
        try await assign(available)
        // The first version of an epoch is written before anything is learnt: from then on every reader knows who owns the lane, and there is
        // something to go back to however early the damage comes.
        wantsVersion = true
        await write(now: clock.monotonic())
        logger.info(
            "Lane taken",
            metadata: [
                "lane": "\(writer.identity.lane)", "restored": "\(restored?.manifest.body.version ?? 0)",
                "inputs": "\(engine.state.inputs.count)",
            ])
    }

    private func prove(_ restored: RestoredVersion) throws(LogFailure) {
        guard !isProved(restored) else { return }
        let body = restored.manifest.body
        throw LogFailure(
            .permanent,
            "version \(body.version) of lane \(body.lane) has the slots of another model than it says (digest \(body.modelDigest)), as written by "
                + "build \(body.build) on \(body.host). Bring in an exported version with: freshet import, or train a new model under another name"
        )
    }

    /// Whether pages and globals are those of the model that was written: a version that lacks a page its learner had changed is whole by every
    /// digest of its records, and another model.
    func isProved(_ restored: RestoredVersion) -> Bool {
        let body = restored.manifest.body
        let digest = configuration.specification.learner.modelDigest(
            fingerprint: body.fingerprint, globals: body.state.globals, pages: restored.slots)
        return digest == body.modelDigest
    }

    /// A new model begins only where there never was one: a checkpoint topic that was deleted and made anew is as empty as one that is new, but
    /// its model's offsets are still with the group.
    private func checkThatNothingWasLost(_ added: [InputPosition]) async throws {
        // A version that is none, because its writer had lost the lane, may have committed them too, on a broker that lets it.
        guard configuration.succession != .reset, await !writer.hasMetManifests, try await writer.hasCommitted(added) else { return }
        // They may have come after the log was read to its end: a successor's, who has taken the lane meanwhile, or with the first manifest of one who
        // had lost it.
        try await writer.lookForSuccessor()
        guard await !writer.hasMetManifests else { return }
        let cause =
            await writer.newestInParts.map { "of the manifest of version \($0) parts are lost" }
            ?? "the checkpoint topic was deleted, emptied or made anew"
        throw LogFailure(
            .permanent,
            "lane \(writer.identity.lane) of '\(writer.identity.model)' holds no version, but the model has committed input offsets before: "
                + "\(cause). Bring back an exported version with: freshet import, or begin a new model with: freshet train --reset, and restart its "
                + "publishers")
    }

    /// A rollback that was committed before its clearance could be.
    private func inheritClearance(_ restored: RestoredVersion) async throws {
        guard !restored.cleared, let target = restored.manifest.body.restores,
            await writer.rungs.contains(where: { $0.version == target && $0.cleared })
        else { return }
        try await writer.clear(restored.manifest.body.version)
    }

    func restoreTwins() async throws {
        guard let versions = engine.twinVersions else { return }
        engine.setTwins(active: try await model(of: versions.active), successor: try await model(of: versions.successor))
    }

    private func model(of version: UInt64) async throws -> LinearModel? {
        guard let restored = try await writer.restore(version: version) else { return nil }
        return try LinearModel(
            specification: configuration.specification.learner, globals: restored.manifest.body.state.globals, pages: restored.slots)
    }

    // MARK: - Positions

    /// Reads on from the engine's positions, once it is clear that they still exist.
    func assign(_ available: [AvailableInput]) async throws {
        try check(available)
        let lows = engine.state.inputs.map { input in
            available.first { $0.topic == input.topic && $0.partition == input.partition }?.low ?? 0
        }
        engine.passOver(to: lows)
        let positions = zip(engine.readingPositions, lows).map { input, low in
            var input = input
            input.next = max(input.next, low)
            return input
        }
        assignment = try await source.assign(positions)
    }

    /// What happened to the input topic while we were away.
    private func check(_ available: [AvailableInput]) throws {
        for (input, inspected) in zip(engine.state.inputs, engine.inspected) where !input.isHandedOver {
            guard let found = available.first(where: { $0.topic == input.topic && $0.partition == input.partition }) else {
                throw LogFailure(
                    .permanent, "\(input.topic)[\(input.partition)] is gone; the model has learnt it up to offset \(input.next)")
            }
            if inspected > found.end {
                throw LogFailure(
                    .permanent,
                    "\(input.topic)[\(input.partition)] was read up to offset \(inspected), but it ends at \(found.end): the topic "
                        + "was truncated or created anew. Use another model name, or roll back to a version that fits")
            }
            guard input.next < found.low else { continue }
            guard configuration.continuesOverGaps else {
                throw LogFailure(
                    .permanent,
                    "retention took offsets \(input.next) to \(found.low - 1) of \(input.topic)[\(input.partition)] before they were learnt. Set "
                        + "input.gap: continue to go on without them; they are counted as gaps")
            }
            logger.warning(
                "Retention took events before they were learnt",
                metadata: ["input": "\(input.topic)[\(input.partition)]", "from": "\(input.next)", "to": "\(found.low)"])
        }
    }

    /// Partitions without a position: all of them for a new model, added ones later, which are read from their start, and those that other lanes
    /// hand over.
    ///
    /// - Returns: the partitions as they are then.
    func addInputs(isNew: Bool) async throws -> [AvailableInput] {
        let available = try await source.partitions(besides: engine.held)
        let missing = available.filter { !isHeld($0) }
        guard !missing.isEmpty else { return available }
        let isGrown = try await takeOver(missing, isNew: isNew)
        try await addNew(missing.filter { !isHeld($0) }, isNew: isNew && !isGrown)
        // What other lanes let go of they may have read further than the ends that were told before.
        return isGrown ? try await source.partitions(besides: engine.held) : available
    }

    private func isHeld(_ input: AvailableInput) -> Bool {
        engine.held.contains { $0.topic == input.topic && $0.partition == input.partition }
    }

    private func addNew(_ available: [AvailableInput], isNew: Bool) async throws {
        var added = available.map { InputPosition(topic: $0.topic, partition: $0.partition, start: $0.low) }
        if isNew {
            try await checkThatNothingWasLost(added)
            switch configuration.start {
            case .earliest: break
            case .latest:
                for index in added.indices { added[index] = added[index].beginning(at: available[index].end) }
            case .time(let time):
                let offsets = try await source.offsets(at: time, for: added)
                for index in added.indices { added[index] = added[index].beginning(at: offsets[index]) }
            }
        }
        engine.add(added)
    }

    private func setBound(_ available: [AvailableInput]) {
        guard let until = configuration.until else { return }
        let ends: [Int64] = engine.state.inputs.map { input in
            if input.isHandedOver { return input.next }
            guard until == .end else { return .max }
            return available.first { $0.topic == input.topic && $0.partition == input.partition }?.end ?? input.next
        }
        let counts = engine.state.counts
        engine.bound = EngineBound(
            until, inputs: engine.state.inputs, ends: ends, taken: counts.learnt + counts.quarantined + counts.skipped)
    }
}

extension InputPosition {
    fileprivate func beginning(at offset: Int64) -> InputPosition {
        InputPosition(topic: topic, partition: partition, start: offset)
    }
}
