import Synchronization

/// The watches of the lanes a process owns, noted in by the lanes and asked by a thread that none of them can hold up.
public final class CommitWatches: Sendable {
    private let interval: Double
    private let now: @Sendable () -> Double
    private let watches = Mutex<[Watched: CommitWatch]>([:])

    /// What something is to come of.
    private enum Watched: Hashable {
        case lane(UInt16)
        /// A member of the group is told what is its, be it nothing.
        case membership

        var lane: UInt16? {
            if case .lane(let lane) = self { lane } else { nil }
        }
    }

    /// What did not come in time.
    public struct Overdue: Equatable, Sendable {
        /// nil: the process is no member of the group.
        public var lane: UInt16?
        public var seconds: Double
    }

    /// - Parameters:
    ///   - interval: between versions.
    ///   - now: seconds of a clock that never goes back.
    public init(interval: Duration, now: @escaping @Sendable () -> Double) {
        self.interval = interval.inSeconds
        self.now = now
    }

    /// The group has given the process a lane.
    public func begin(_ lane: UInt16) {
        watches.withLock { $0[.lane(lane)] = CommitWatch(interval: interval, now: now()) }
    }

    /// The lane is not ours any more, or there is nothing more to be written.
    public func end(_ lane: UInt16) { watches.withLock { $0[.lane(lane)] = nil } }

    public func cameRound(_ lane: UInt16, hasUnwritten: Bool) {
        watches.withLock { $0[.lane(lane)]?.cameRound(at: now(), hasUnwritten: hasUnwritten) }
    }

    public func writes(_ lane: UInt16, bytes: Int) { watches.withLock { $0[.lane(lane)]?.writes(bytes: bytes) } }

    public func wrote(_ lane: UInt16) { watches.withLock { $0[.lane(lane)]?.wrote(at: now()) } }

    public func lost(_ lane: UInt16) { watches.withLock { $0[.lane(lane)]?.lost(at: now()) } }

    public func answered() {
        watches.withLock { watches in
            for watched in watches.keys { watches[watched]?.answered(at: now()) }
        }
    }

    // MARK: - The group

    /// Whether the group counts this process among its members, with or without a lane. A client that never learns of its coordinator again would
    /// wait for that without an end, and without a lane there is nothing else that could be missed.
    public func isMember(_ isMember: Bool) {
        watches.withLock { watches in
            if isMember {
                watches[.membership] = nil
            } else if watches[.membership] == nil {
                watches[.membership] = CommitWatch(interval: interval, now: now())
            }
        }
    }

    /// The process leaves the group.
    public func leave() { isMember(true) }

    // MARK: - Letting go

    /// Seconds by the clock of the watches.
    var time: Double { now() }

    /// Seconds within which a lane that is asked to let go has done so. One that is only followed reads no longer than a take.
    func timeToLetGo(of lane: UInt16) -> Double {
        watches.withLock { $0[.lane(lane)]?.timeToLetGo ?? CommitWatch.takingLimit }
    }

    // MARK: - Judging

    /// The lane whose versions have stopped coming, or that there is no getting into the group, and for how many seconds.
    public func look() -> Overdue? {
        watches.withLock { watches in
            var worst: Overdue?
            for watched in watches.keys {
                guard case .overdue(let seconds)? = watches[watched]?.look(at: now()), seconds > worst?.seconds ?? 0 else { continue }
                worst = Overdue(lane: watched.lane, seconds: seconds)
            }
            return worst
        }
    }
}
