/// Decides when a written version may be served: once the stream past it was clean for the hold-back, or that time passed with no
/// further events and no suspicion. What was learnt before a detector could see it never reaches a client.
///
/// Times are monotonic seconds of the calling process. They are not written: the hold-back of the versions of a decoded clearance
/// starts anew with the next call.
public struct Clearance: Equatable, Sendable {
    private struct Pending: Codable, Equatable, Sendable {
        let version: UInt64
        let sequence: UInt64
        var since: Double?

        enum CodingKeys: String, CodingKey { case version, sequence }
    }

    /// In seconds.
    public let holdBack: Double
    /// Events that must have been inspected past a version, beside the time; unless none came for as long as the hold-back.
    public let holdBackEvents: UInt64
    private var pending: [Pending] = []
    private var inspected: UInt64 = 0
    private var lastMoved: Double?

    public init(holdBack: Double = 2, holdBackEvents: UInt64 = 0) {
        self.holdBack = holdBack
        self.holdBackEvents = holdBackEvents
    }

    /// Versions that are neither cleared nor ruled out, oldest first: to be kept until they are.
    public var waiting: [UInt64] { pending.map(\.version) }

    /// No more than so many versions wait, each of which has to be kept: with a long hold-back every other one is given up.
    private static let mostWaiting = 16

    /// A version was committed.
    ///
    /// - Parameter sequence: the number (the inspector's) of the first event that is *not* in the version.
    public mutating func written(version: UInt64, inspectedThrough sequence: UInt64, at now: Double) {
        pending.append(Pending(version: version, sequence: sequence, since: now))
        guard pending.count > Self.mostWaiting else { return }
        pending = pending.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    }

    /// Takes how far the inspector has come, and returns the newest version that is cleared by it, once.
    ///
    /// - Parameters:
    ///   - sequence: the number of the next event to be inspected.
    ///   - evidence: the number of the first event of evidence that is running: a version that holds it waits until it has died down, or
    ///     nothing more comes for as long as the hold-back.
    ///   - frozen: by a cause that doubts the content (`Gate.doubtsContent`); a silent feed is no reason to hold a version back.
    ///   - changePoint: the first suspicious event of an alarm; a version that holds it or a later one is never cleared.
    public mutating func advance(
        inspected sequence: UInt64, suspect: Bool, evidence: UInt64? = nil, frozen: Bool, changePoint: UInt64?, at now: Double
    ) -> UInt64? {
        if sequence != inspected || lastMoved == nil { (inspected, lastMoved) = (sequence, now) }
        if let changePoint { pending.removeAll { $0.sequence > changePoint } }
        // Evidence that no event comes to add to, or to end, holds nothing back for ever.
        let evidence = now - (lastMoved ?? now) >= holdBack ? nil : evidence
        for index in pending.indices {
            let isDoubtful = suspect || frozen || evidence.map { $0 < pending[index].sequence } == true
            if pending[index].since == nil || isDoubtful { pending[index].since = now }
        }
        guard !suspect, !frozen, let last = pending.lastIndex(where: { isCleared($0, at: now) }) else { return nil }
        let version = pending[last].version
        pending.removeSubrange(...last)
        return version
    }

    private func isCleared(_ version: Pending, at now: Double) -> Bool {
        guard let since = version.since, now - since >= holdBack else { return false }
        if inspected >= version.sequence && inspected - version.sequence >= holdBackEvents { return true }
        return now - (lastMoved ?? now) >= holdBack
    }
}

extension Clearance: Codable {
    private enum CodingKeys: String, CodingKey { case holdBack, holdBackEvents, pending, inspected }
}
