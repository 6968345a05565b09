import Checkpointing
public import Inspection

/// What the clock and the broker have to say. They can delay learning and never change what is learnt.
extension LaneEngine {
    /// Quiet, silence, and the end of a probation.
    public mutating func tick(now: Double, wall: Int64, feed: FeedDiagnosis) -> [Order] {
        let arrivals = arrivedSinceTick
        arrivedSinceTick = 0
        // Without a broker nothing can arrive: silence is counted from when one answers again.
        if feed == .brokerLost { beginSilence(at: now) }
        if !isFrozen, !pending.isEmpty, now - lastArrival >= policy.quietSeconds, !inspector.isSuspect { releaseAll() }
        if case .silent(let seconds, let threshold) = state.stall.verdict(at: now) {
            silentSince = now
            return feed == .upstreamSilent ? silence(for: seconds, threshold: threshold, wall: wall) : []
        }
        return endProbation(arrivals: arrivals, now: now)
    }

    private mutating func beginSilence(at now: Double) {
        state.stall.started(at: now)
        silentSince = now
        probation = nil
    }

    private mutating func silence(for seconds: Double, threshold: Double, wall: Int64) -> [Order] {
        probation = nil
        guard policy.stallFreezes, !state.gate.causes.contains(where: { $0.kind == .feedStalled }) else { return [] }
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

    /// What the feed's signals say; silence is measured by the same detector that freezes.
    public func diagnose(_ feed: FeedView, now: Double) -> FeedDiagnosis {
        let lag = zip(feed.ends, inspected).reduce(0) { $0 + max(0, $1.0 - $1.1) }
        // Silence since the broker's last answer proves nothing about the feed.
        let silence = max(0, state.stall.silence(at: now) - feed.secondsSinceAnswer)
        return FeedDiagnosis.judge(
            FeedSignals(
                secondsSinceBrokerAnswer: feed.secondsSinceAnswer, brokerAnswerLimit: policy.brokerAnswerSeconds,
                secondsSinceHighWatermarkMoved: silence, secondsSinceStableOffsetMoved: silence,
                silenceThreshold: state.stall.threshold, lag: lag, partitions: inspected.count))
    }
}
