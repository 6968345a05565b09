import Checkpointing
public import Inspection

/// What the clock and the broker have to say. They can delay learning and never change what is learnt.
extension LaneEngine {
    /// Quiet, silence, and the end of a probation.
    public mutating func tick(now: Double, wall: Int64, feed: FeedDiagnosis) -> [Order] {
        let arrivals = arrivedSinceTick
        arrivedSinceTick = 0
        state.feed?.tell(wall: wall, at: now)
        // Without a broker nothing can arrive: silence is counted from when one answers again.
        if feed == .brokerLost { beginSilence(at: now) }
        let orders = learnWhatWaits(now: now, wall: wall)
        if case .silent(let seconds, let threshold) = verdict(at: now) {
            silentSince = now
            return orders + (feed == .upstreamSilent ? silence(for: seconds, threshold: threshold, wall: wall) : [])
        }
        return orders + endProbation(arrivals: arrivals, now: now)
    }

    /// What is held back is learnt once it has been quiet for long enough without suspicion.
    private mutating func learnWhatWaits(now: Double, wall: Int64) -> [Order] {
        guard !isFrozen, !pending.isEmpty, now - lastArrival >= policy.quietSeconds, !isSuspect else { return [] }
        releaseAll()
        return judgeModel(wall: wall)
    }

    private func verdict(at now: Double) -> StallVerdict {
        guard let feed = state.feed else { return state.stall.verdict(at: now) }
        return state.stall.verdict(at: now) { feed.usual($0, at: now) }
    }

    private mutating func beginSilence(at now: Double) {
        state.stall.started(at: now)
        state.feed?.heardNothing()
        silentSince = now
        probation = nil
    }

    private mutating func silence(for seconds: Double, threshold: Double, wall: Int64) -> [Order] {
        probation = nil
        // People are told in any case, by what the status says of the feed.
        guard policy.stallFreezes, state.stall.mayFreeze, !state.gate.causes.contains(where: { $0.kind == .feedStalled }) else { return [] }
        return freeze(
            FreezeCause(
                id: "feed-stalled", kind: .feedStalled,
                detail:
                    "no event for \(rounded(seconds)) s where at most \(rounded(threshold)) s were expected; the broker answers and the "
                    + "trainer has read everything: look at the producer",
                since: wall, resume: .automatic, evidence: seconds, threshold: threshold),
            changePoint: nil)
    }

    private func rounded(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }

    private mutating func endProbation(arrivals: Int, now: Double) -> [Order] {
        guard state.gate.causes.contains(where: { $0.kind == .feedStalled }), lastArrival > silentSince else { return [] }
        if probation == nil { probation = Probation(seconds: policy.probationSeconds) }
        guard probation?.observe(arrivals: arrivals, isSilent: false, at: now) == true, let transition = state.gate.lift(id: "feed-stalled")
        else { return [] }
        probation = nil
        if isFrozen { return [.audit(transition), .write] }
        return [.audit(transition)] + goOn()
    }

    // MARK: - The feed

    /// Looks at the feed and says what is wrong with it; silence is measured by the same detector that freezes.
    public mutating func diagnose(_ view: FeedView, now: Double) -> FeedDiagnosis {
        // Taken out, so that it is changed in place.
        var feed = state.feed.take() ?? FeedWatch()
        feed.look(sights(of: view), under: view.assignment, stall: &state.stall, at: now)
        state.feed = feed
        return FeedDiagnosis.judge(
            feed.signals(state.stall, secondsSinceAnswer: view.secondsSinceAnswer, limit: policy.brokerAnswerSeconds, at: now))
    }

    /// The partitions that this lane reads.
    private func sights(of view: FeedView) -> [PartitionSight] {
        state.inputs.indices.compactMap { index in
            let input = state.inputs[index]
            guard !input.isHandedOver, index < view.inputs.count else { return nil }
            let seen = view.inputs[index]
            return PartitionSight(
                topic: input.topic, partition: input.partition, position: inspected[index], stable: seen.stable, high: seen.high,
                secondsSinceAnswer: seen.secondsSinceAnswer, topicExists: seen.topicExists)
        }
    }

    /// The detectors that have told people and stop nothing: those of the events whose policy, or an announced change, lets them only alert, and
    /// those of the feed's rate.
    public var raised: [RaisedDetector] {
        let causes = Set(state.gate.causes.map(\.id))
        let detectors = self.detectors.filter { $0.isRaised && $0.action != .off && !causes.contains($0.name) }
        return detectors.map { detector in
            RaisedDetector(detector: detector.name, sentence: "Its evidence is complete and has not gone back to nothing since.")
        } + (state.feed?.raised ?? [])
    }
}
