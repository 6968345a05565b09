import Synchronization

/// The watches of the lanes a process owns, noted in by the lanes and asked by a thread that none of them can hold up.
public final class CommitWatches: Sendable {
    private let interval: Double
    private let now: @Sendable () -> Double
    private let watches = Mutex<[UInt16: CommitWatch]>([:])

    /// - Parameters:
    ///   - interval: between versions.
    ///   - now: seconds of a clock that never goes back.
    public init(interval: Duration, now: @escaping @Sendable () -> Double) {
        self.interval = interval.inSeconds
        self.now = now
    }

    /// The group has given the process a lane.
    public func begin(_ lane: UInt16) {
        watches.withLock { $0[lane] = CommitWatch(interval: interval, now: now()) }
    }

    /// The lane is not ours any more, or there is nothing more to be written.
    public func end(_ lane: UInt16) { watches.withLock { $0[lane] = nil } }

    public func cameRound(_ lane: UInt16, hasUnwritten: Bool) {
        watches.withLock { $0[lane]?.cameRound(at: now(), hasUnwritten: hasUnwritten) }
    }

    public func writes(_ lane: UInt16, bytes: Int) { watches.withLock { $0[lane]?.writes(bytes: bytes) } }

    public func wrote(_ lane: UInt16) { watches.withLock { $0[lane]?.wrote(at: now()) } }

    public func lost(_ lane: UInt16) { watches.withLock { $0[lane]?.lost(at: now()) } }

    public func answered() {
        watches.withLock { watches in
            for lane in watches.keys { watches[lane]?.answered(at: now()) }
        }
    }

    /// The lane whose versions have stopped coming, and for how many seconds.
    public func look() -> (lane: UInt16, seconds: Double)? {
        watches.withLock { watches in
            var worst: (lane: UInt16, seconds: Double)?
            for lane in watches.keys.sorted() {
                guard case .overdue(let seconds)? = watches[lane]?.look(at: now()), seconds > worst?.seconds ?? 0 else { continue }
                worst = (lane, seconds)
            }
            return worst
        }
    }
}
