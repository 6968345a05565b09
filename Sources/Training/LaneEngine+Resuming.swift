import Checkpointing
public import Inspection

/// Resuming: what becomes of the events that a freeze held back.
extension LaneEngine {
    /// Lifts every cause. What lies before the change point is learnt in any case, what lies past it by `mode`.
    ///
    /// - Parameters:
    ///   - ranges: all that is set aside, where `mode` is `skip`; from the change point to the inspected position if not given. None of them may
    ///     have a `refusal`.
    ///   - resumption: whose doing it is.
    public mutating func resume(
        _ mode: ControlCommand.ResumeMode, ranges: [InputRange]? = nil, by resumption: Resumption? = nil, wall: Int64
    ) -> [Order] {
        let causes = state.gate.causes
        guard let transition = state.gate.liftAll(by: resumption) else { return [] }
        switch mode {
        // This is how the stream is now: the detectors learn it anew.
        case .replay:
            state.inspector.accept(causes.map(\.id))
            state.modelWatch?.accept(causes.map(\.id), policy.inspection, inspector.profile)
        // The bands stay, and alarm again if it goes on.
        case .skip:
            setAside(ranges ?? doubted(to: inspected), for: causes)
            state.inspector.forget(causes.map(\.id))
            state.modelWatch?.forget(causes.map(\.id), inspector.profile)
        }
        if causes.contains(where: \.kind.doubtsContent) { state.inspector.decide() }
        return [.audit(transition)] + goOn()
    }

    /// Back to the learnt position, with the inspector as it was there.
    mutating func goOn() -> [Order] {
        state.frozen = nil
        undoing = [:]
        probation = nil
        standAtLearntPosition()
        hasChanged = true
        return [.reassign, .write]
    }

    // MARK: - Ranges

    /// What is frozen, for people: from the change point to the inspected position.
    public var frozenRanges: [InputRange] {
        guard isFrozen else { return [] }
        return zip(state.inputs, inspected).compactMap { input, end in
            InputRange(input, from: changePoint(of: input) ?? input.next, to: end)
        }
    }

    /// What is still to be passed over.
    var skipsAhead: [SkipRange] {
        state.skips.filter { range in
            state.inputs.contains { $0.topic == range.topic && $0.partition == range.partition && $0.next < range.to }
        }
    }

    /// What is in doubt up to some offsets, one for each input, and not learnt.
    func doubted(to ends: [Int64]) -> [InputRange] {
        zip(state.inputs, ends).compactMap { input, end in
            InputRange(input, from: max(changePoint(of: input) ?? input.next, input.next), to: end)
        }
    }

    func changePoint(of input: InputPosition) -> Int64? { offset(of: input, in: state.frozen?.changePoint) }

    func offset(of input: InputPosition, in offsets: [InputOffset]?) -> Int64? {
        offsets?.first { $0.topic == input.topic && $0.partition == input.partition }?.offset
    }

    /// Why a range cannot be set aside; nil if it can: it has been read, and not been learnt.
    func refusal(of range: InputRange) -> String? {
        let index = state.inputs.firstIndex { $0.topic == range.topic && $0.partition == range.partition && !$0.isHandedOver }
        guard let index else { return "\(range.topic)[\(range.partition)] is none of the partitions that the lane reads" }
        let (learnt, read) = (state.inputs[index].next, inspected[index])
        guard range.from < range.to else { return "\(range) are none: the first has to be below the last" }
        guard learnt <= range.from, range.to <= read else {
            return "\(range) are not all held back by the freeze, which holds back offsets \(learnt) to \(read)"
        }
        return nil
    }

    // MARK: - The ledger

    /// Enters ranges in the ledger: the events stay in the input topic, and are passed over.
    mutating func setAside(_ ranges: [InputRange], for causes: [FreezeCause]) {
        let reason = causes.map { "\($0.kind.rawValue): \($0.detail)" }.joined(separator: "; ")
        state.skips += ranges.map {
            SkipRange(topic: $0.topic, partition: $0.partition, from: $0.from, to: $0.to, reason: reason)
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
}

extension InputRange {
    /// nil of a range without an offset.
    fileprivate init?(_ input: InputPosition, from: Int64, to: Int64) {
        guard from < to else { return nil }
        self.init(topic: input.topic, partition: input.partition, from: from, to: to)
    }
}
