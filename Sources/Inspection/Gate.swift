/// Whether learning goes on.
///
///                 evidence builds                 an alarm, a stall, an order
///      ┌──────┐ ────────────────> ┌─────────┐ ────────────────────────────────> ┌────────┐
///      │ open │                   │ suspect │                                   │ frozen │ ─┐ another cause comes,
///      └──────┘ <──────────────── └─────────┘ <──────────────────────────────── └────────┘ <┘ or one of several goes
///        │  ^      it dies down                  the last cause goes, evidence       │  ^
///        │  │                                    is still there                      │  │
///        │  └───────────────── the last cause goes, all is calm ─────────────────────┘  │
///        └───────────────────── an alarm, a stall, an order ────────────────────────────┘
public enum GateState: String, Codable, Sendable {
    /// Learning; versions are written and cleared.
    case open
    /// Learning; versions are written, not cleared.
    case suspect
    /// Not learning; inspection and serving go on.
    case frozen
}

/// What changed at the gate: to be acted upon, and to be entered in the audit.
public struct GateTransition: Codable, Equatable, Sendable {
    public let from: GateState
    public let to: GateState
    /// The causes that came or went; none when only suspicion changed.
    public internal(set) var causes: [FreezeCause]
    /// Whether the causes came.
    public let isFreeze: Bool
    /// Who ended the freeze; nil of a silence that ended by itself, and of everything else.
    public internal(set) var resumption: Resumption?
}

/// Holds the reasons to be frozen; frozen while there is any.
public struct Gate: Codable, Equatable, Sendable {
    /// In the order they came, one for each id.
    public private(set) var causes: [FreezeCause] = []
    public private(set) var isSuspect = false

    public init() {}

    public var state: GateState {
        if !causes.isEmpty { return .frozen }
        return isSuspect ? .suspect : .open
    }

    public var isLearning: Bool { state != .frozen }

    /// Whether a cause is active that doubts what was read: nothing is cleared then.
    public var doubtsContent: Bool { causes.contains { $0.kind.doubtsContent } }

    /// Adds a cause. Returns nil if one of its id is active already: an incident is told once.
    public mutating func freeze(_ cause: FreezeCause) -> GateTransition? {
        guard !causes.contains(where: { $0.id == cause.id }) else { return nil }
        let from = state
        causes.append(cause)
        return GateTransition(from: from, to: state, causes: [cause], isFreeze: true)
    }

    /// Removes the cause of this id. Returns nil if there is none.
    public mutating func lift(id: String) -> GateTransition? { lift { $0.id == id } }

    /// Removes all causes of this kind. Returns nil if there are none.
    public mutating func lift(kind: FreezeKind) -> GateTransition? { lift { $0.kind == kind } }

    /// Removes all causes. Returns nil if there are none.
    public mutating func liftAll(by resumption: Resumption? = nil) -> GateTransition? {
        var transition = lift { _ in true }
        transition?.resumption = resumption
        return transition
    }

    /// Notes what a cause did about damage that may have been learnt.
    public mutating func note(_ deed: FreezeDeed, rolledBackTo version: UInt64? = nil, of id: String) {
        causes = causes.map { $0.id == id ? $0.having(deed, rolledBackTo: version) : $0 }
    }

    /// Causes that would end by themselves wait for a person from now on. Returns nil if there are none.
    public mutating func leaveToPerson(because note: String) -> GateTransition? {
        let left = Set(causes.filter { $0.resume == .automatic && $0.kind.doubtsContent }.map(\.id))
        guard !left.isEmpty else { return nil }
        causes = causes.map { left.contains($0.id) ? $0.waiting(because: note) : $0 }
        return GateTransition(from: state, to: state, causes: causes.filter { left.contains($0.id) }, isFreeze: true)
    }

    /// Notes whether evidence is building. Returns nil if the state does not change by it.
    public mutating func suspect(_ isSuspect: Bool) -> GateTransition? {
        let from = state
        self.isSuspect = isSuspect
        return state == from ? nil : GateTransition(from: from, to: state, causes: [], isFreeze: false)
    }

    private mutating func lift(where goes: (FreezeCause) -> Bool) -> GateTransition? {
        let lifted = causes.filter(goes)
        guard !lifted.isEmpty else { return nil }
        causes.removeAll(where: goes)
        return GateTransition(from: .frozen, to: state, causes: lifted, isFreeze: false)
    }
}
