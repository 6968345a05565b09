public import Checkpointing
import Inspection
public import Learning

/// Bringing a version back, and where reading goes on from.
extension LaneEngine {
    /// Takes a version's slots and state for one's own.
    ///
    /// - Parameter keepingDecisions: a rollback keeps what was decided since (gate, ledger, commands) and goes on inspecting where it was; a
    ///   restore takes the version's. The twin is the version's either way, and needs its weights (`setTwins`).
    public mutating func adopt(_ restored: RestoredVersion, keepingDecisions: Bool) throws(LearningError) {
        learner.reset()
        for (index, slots) in restored.slots.sorted(by: { $0.key < $1.key }) { try learner.load(page: index, from: slots) }
        var old = state
        for event in quarantined.reversed() { old.forgetQuarantined(event) }
        let (positions, ahead, known, clean) = (inspected, inspector, recent, cleanStart)
        state = restored.manifest.body.state
        let (seen, recovery) = (state.frozen?.ahead, state.recovery)
        state.frozen?.ahead = nil
        learner.restore(state.globals)
        twins = Twins()
        // What was not written yet lies past the version, and is read again.
        quarantined = []
        quarantinedBytes = 0
        if keepingDecisions { keepDecisions(of: old) }
        standAtLearntPosition()
        hasChanged = keepingDecisions
        if keepingDecisions {
            let places = Dictionary(zip(old.inputs.map(\.place), positions)) { $1 }
            inspected = state.inputs.map { places[$0.place] ?? $0.next }
            guard isFrozen else { return }
            (inspector, cleanStart, state.recovery) = (ahead, clean, old.recovery)
            // Runs name inputs by their place in the list.
            let isSameList = state.inputs.map(\.place) == old.inputs.map(\.place)
            recent = isSameList ? known : RecentPositions(through: inspector.sequence)
        } else if isFrozen {
            inspected = frozenPositions
            guard let seen else { return }
            (inspector, cleanStart, state.recovery) = (seen.inspector, seen.clean, recovery)
            recent = RecentPositions(seen.recent, through: inspector.sequence)
        }
    }

    private mutating func keepDecisions(of old: LaneState) {
        state.keepExpectation(of: old)
        state.gate = old.gate
        state.commands = old.commands
        state.frozen = old.frozen
        state.recovery = old.recovery
        state.stall = old.stall
        configure()
        state.addInputs(of: old)
        for index in state.inputs.indices {
            state.inputs[index].quarantined = old.inputs.first { $0.place == state.inputs[index].place }?.quarantined
        }
        state.skips = state.ledger(deciding: old.skips)
        state.keepHandovers(of: old)
        // Nothing before the version is in doubt.
        let changePoint = offsets(state.inputs.map { max(self.changePoint(of: $0) ?? $0.next, $0.next) })
        state.frozen?.changePoint = changePoint
    }

    /// Where a frozen lane goes on reading after a restart.
    private var frozenPositions: [Int64] {
        state.inputs.map { input in
            state.frozen?.inspected.first { $0.topic == input.topic && $0.partition == input.partition }?.offset ?? input.next
        }
    }

    /// Reading begins: time is counted from here, and the policy is the one of today, not the one of the version restored.
    public mutating func begin(now: Double) {
        state.stall.mode = policy.stall
        state.stall.started(at: now)
        configure()
        inspector.configure(policy.inspection)
        lastArrival = now
        silentSince = now
    }

    /// The detectors at the learnt position go on by the policy of today.
    private mutating func configure() {
        state.modelWatch?.configure(policy.inspection, insteadOf: state.inspector.configuration, state.inspector.profile)
        state.inspector.configure(policy.inspection)
    }

    /// Forgets what was read and not learnt.
    mutating func standAtLearntPosition() {
        inspector = state.inspector
        inspected = state.inputs.map(\.next)
        forgetCleanRun()
        pending = []
        recent = RecentPositions(state.recent, through: state.inspector.sequence)
        identities.forget(past: inspected)
        setAside = state.inputs.map { input in
            state.skips.filter { $0.topic == input.topic && $0.partition == input.partition && $0.to > input.next }.map { $0.from..<$0.to }
        }
        let counts = state.counts
        bound?.restart(inputs: state.inputs, taken: counts.learnt + counts.quarantined + counts.skipped)
    }

    /// The positions to read on from: the inspected ones while frozen, the learnt ones otherwise. The last event taken is read once more, to
    /// see whether the topic is still the one it was (`replacedInput`); `take` drops it.
    public var readingPositions: [InputPosition] {
        zip(state.inputs, inspected).map { input, offset in
            var reading = input
            if input.isHandedOver { return input }
            if isFrozen { reading.next = max(input.next, offset) }
            if reading.next == input.next, let last = input.last { reading.next = last.offset }
            return reading
        }
    }
}

extension LaneState {
    /// An event that no version has put into the quarantine topic will be met again.
    fileprivate mutating func forgetQuarantined(_ event: QuarantinedEvent) {
        guard let index = inputs.firstIndex(where: { $0.topic == event.topic && $0.partition == event.partition }) else { return }
        inputs[index].quarantined = event.offset
    }
}
