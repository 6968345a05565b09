public import Checkpointing
import Inspection
public import Learning

/// Making versions.
extension LaneEngine {
    /// A complete copy of the lane at its learnt position. The pages' marks are cleared: what is in the cut is the writer's business now.
    ///
    /// - Parameters:
    ///   - scrub: pages to write again though they did not change.
    ///   - rewriting: after a rollback, every page that differs from the last committed version.
    public mutating func cut(scrub: [Int], rewriting: Set<Int> = [], fingerprint: Digest128) -> Cut {
        let indexes = Set(learner.takeDirtyPages()).union(scrub).union(rewriting)
        state.globals = learner.globals
        if isFrozen { rememberInspected() } else { state.recent = recent.runs(before: state.inspector.sequence) }
        var cut = Cut(
            state: state, pages: indexes.sorted().map { CutPage(index: $0, slots: learner.page($0)) },
            modelDigest: learner.digest(fingerprint: fingerprint))
        cut.state.frozen?.ahead = FrozenRange.Ahead(
            inspector: inspector, recent: recent.runs(before: inspector.sequence), clean: cleanStart)
        cut.quarantined = quarantined
        cut.needed = Set([state.twin?.version, state.twin?.successor].compactMap { $0 })
        quarantined = []
        quarantinedBytes = 0
        hasChanged = false
        return cut
    }

    private mutating func rememberInspected() {
        let places = offsets(inspected)
        state.frozen?.inspected = places
    }

    // MARK: - The twin

    /// Looks, before a cut that will become `version`, whether the twin is to be renewed from it.
    ///
    /// Two frozen models are kept, the one that is scored and its successor: the successor takes over when its newest event is `twinAge` older
    /// than the lane's, so the age of what is scored lies between one and two of `twinAge`.
    public mutating func renewTwin(with version: UInt64) {
        guard let age = policy.twinAge, let time = state.eventTimes?.upperBound, !isFrozen else { return }
        guard var twin = state.twin, twins.active != nil else {
            state.twin = TwinState(version: version, eventTime: time, task: specification.task)
            twins.active = learner.snapshot()
            twins.successor = twins.active
            return
        }
        guard time - twin.successorEventTime >= age else { return }
        twin.version = twin.successor
        twin.eventTime = twin.successorEventTime
        twin.successor = version
        twin.successorEventTime = time
        state.twin = twin
        twins.active = twins.successor
        twins.successor = learner.snapshot()
    }

    /// The version was written under another number than `renewTwin` was told.
    public mutating func renumberTwin(_ expected: UInt64, as version: UInt64) { state.renumber(expected, as: version) }

    /// The versions whose weights the twin needs after a restart.
    public var twinVersions: (active: UInt64, successor: UInt64)? { state.twin.map { ($0.version, $0.successor) } }

    /// Gives the twin its weights back; without them it begins anew with the next version.
    public mutating func setTwins(active: LinearModel?, successor: LinearModel?) {
        guard let active, let successor else {
            state.twin = nil
            twins = Twins()
            return
        }
        twins = Twins(active: active, successor: successor)
    }

    // MARK: - Commands

    /// Whether a command was applied already: its id is part of the version that holds its effect.
    public func hasApplied(_ id: String) -> Bool { state.commands.contains(id) }

    public mutating func noteApplied(_ id: String) {
        state.commands = (state.commands + [id]).suffix(64)
        hasChanged = true
    }

    /// The stream has ended: what is held back is learnt.
    public mutating func finish() { if !isFrozen { releaseAll() } }

    /// Adds inputs that appeared after the model began.
    public mutating func add(_ inputs: [InputPosition]) {
        state.inputs += inputs
        inspected += inputs.map(\.next)
        setAside += inputs.map { _ in [] }
    }

    /// Goes past offsets that no longer exist: retention took what lay below `lows` (per input) before it was learnt.
    public mutating func passOver(to lows: [Int64]) {
        for (index, low) in lows.enumerated() where state.inputs[index].next < low && !state.inputs[index].isHandedOver {
            state.counts.gaps += UInt64(low - state.inputs[index].next)
            state.inputs[index].next = low
            inspected[index] = max(inspected[index], low)
            hasChanged = true
        }
    }
}
