/// What is known of one process.
struct SeenProcess: Equatable, Sendable {
    var status: ProcessStatus
    /// When its heartbeat was last seen to rise.
    var lastSeen: Int64
    /// When it was last seen to have taken an event.
    var lastProgress: Int64
    /// When the version it tells of was written, as far as can be told from when it was told first.
    var versionWrittenAt: Int64?
}

struct ProcessKey: Hashable, Sendable {
    var process: ProcessStatus.Process
    var instance: String
}

struct PartitionKey: Hashable, Sendable {
    var topic: String
    var partition: Int32
}

/// What is known of one input partition.
struct SeenFeed: Equatable, Sendable {
    var high: Int64
    let firstSeen: Int64
    /// When the end was last seen to move; nil if never.
    var lastMoved: Int64?
}

/// A partition whose ends cannot be asked for.
struct Unreachable: Equatable, Sendable {
    let since: Int64
    /// When it was asked for last.
    var askedAt: Int64
    /// Why not, as the client says.
    var detail: String

    /// Nobody has asked for it for so long, in milliseconds: it is not there any more.
    static let forgottenAfter: Int64 = 60_000
}

/// What is known of one lane's versions.
struct SeenLane: Equatable, Sendable {
    struct Cleared: Equatable, Sendable {
        var version: UInt64
        var at: Int64
    }

    /// Cleared versions in order, the newest last; enough of them to know since when a publisher is behind.
    static let clearedLimit = 256

    var cleared: [Cleared] = []
    /// The newest version its trainer reports, nil until one reported; events learnt then; and since when there are more.
    var reportedVersion: UInt64?
    var learnedAtVersion: UInt64 = 0
    var uncommittedSince: Int64?
}

extension Supervisor {
    /// A status was read from the control topic.
    ///
    /// A compacted topic shows the last status of processes that are long gone, so the first sight of a process counts from when the
    /// status was written; from then on only the watchdog's own clock is used, and clocks that disagree do no harm.
    public mutating func observe(_ status: ProcessStatus, at now: Int64) {
        guard status.model == configuration.model, status.process != .watchdog else { return }
        let key = ProcessKey(process: status.process, instance: status.instance)
        let known = processes[key]
        if let known, known.status.heartbeat == status.heartbeat { return }
        let seen = known == nil ? min(now, steady(status.at)) : now
        let hasProgress = status.progress != known?.status.progress
        let isSameVersion = known != nil && known?.status.versionCreatedAt == status.versionCreatedAt
        processes[key] = SeenProcess(
            status: status, lastSeen: seen, lastProgress: hasProgress ? seen : known?.lastProgress ?? seen,
            versionWrittenAt: isSameVersion ? known?.versionWrittenAt : status.versionCreatedAt.map { min(now, steady($0)) })
        lastHeard[status.process] = max(lastHeard[status.process] ?? seen, seen)
        observeLearning(status, at: now)
    }

    /// A process took its status back: it left in good order.
    public mutating func forget(_ process: ProcessStatus.Process, instance: String) {
        processes[ProcessKey(process: process, instance: instance)] = nil
    }

    /// The broker told the ends of an input partition.
    public mutating func observe(_ feed: FeedObservation, at now: Int64) {
        observeBrokerAnswer(at: now)
        goneSince[feed.topic] = nil
        let key = PartitionKey(topic: feed.topic, partition: feed.partition)
        unreachable[key] = nil
        var seen = feeds[key] ?? SeenFeed(high: feed.high, firstSeen: now)
        if seen.high != feed.high {
            seen.high = feed.high
            seen.lastMoved = now
        }
        feeds[key] = seen
    }

    /// Brokers answer, but nobody tells the ends of an input partition: it may have no leader.
    /// - Parameter detail: shown in the alert if it comes to one.
    public mutating func observeUnreachable(topic: String, partition: Int32, _ detail: String, at now: Int64) {
        let key = PartitionKey(topic: topic, partition: partition)
        unreachable[key] = Unreachable(since: unreachable[key]?.since ?? now, askedAt: now, detail: detail)
    }

    /// Brokers answer that there is no such input topic.
    public mutating func observeGone(topic: String, at now: Int64) {
        observeBrokerAnswer(at: now)
        goneSince[topic] = goneSince[topic] ?? now
        // What a topic by this name brings later is another's.
        feeds = feeds.filter { $0.key.topic != topic }
        unreachable = unreachable.filter { $0.key.topic != topic }
    }

    /// A manifest, or a clearance, was read from the checkpoint topic.
    public mutating func observe(_ version: VersionObservation, at now: Int64) {
        var lane = lanes[version.lane] ?? SeenLane()
        if version.isCleared, version.version > lane.cleared.last?.version ?? 0 {
            lane.cleared.append(SeenLane.Cleared(version: version.version, at: now))
            lane.cleared.removeFirst(max(0, lane.cleared.count - SeenLane.clearedLimit))
        }
        lanes[version.lane] = lane
    }

    /// Notes since when a trainer has learnt events that are in no version. Version and count are taken from one status, so that they
    /// belong together; what was learnt between writing the version and the status counts as written, which is a second at most.
    private mutating func observeLearning(_ status: ProcessStatus, at now: Int64) {
        guard status.process == .trainer, let index = status.lane, let learned = status.counts?.learned else { return }
        var lane = lanes[index] ?? SeenLane()
        let version = status.version ?? 0
        // Less than before: the trainer went back to a version, and learns the rest again.
        if version != lane.reportedVersion || learned < lane.learnedAtVersion {
            lane.learnedAtVersion = learned
        }
        lane.reportedVersion = version
        if learned == lane.learnedAtVersion {
            lane.uncommittedSince = nil
        } else if lane.uncommittedSince == nil {
            lane.uncommittedSince = now
        }
        lanes[index] = lane
    }

    /// The trainer heard of last among those that say they hold the lane: a trainer that lost it stops saying so, or stops speaking.
    func owner(of lane: Int) -> SeenProcess? {
        processes.values
            .filter { $0.status.process == .trainer && $0.status.lane == lane }
            .max { ($0.lastSeen, $0.status.instance) < ($1.lastSeen, $1.status.instance) }
    }

    /// Forgets silent processes, but never the last owner of a lane: as long as nobody has taken the lane, somebody is missing.
    mutating func forgetTheIrrelevant(at now: Int64) {
        processes = processes.filter { _, seen in
            seconds(since: seen.lastSeen, at: now) < configuration.forgetAfter
                || seen.status.lane.map { owner(of: $0) == seen } ?? false
        }
    }
}

extension ProcessStatus {
    /// Changes whenever an event is taken, learnt or not.
    fileprivate var progress: [Int64] {
        let counted = counts.map { [$0.learned, $0.quarantined, $0.skipped, $0.gaps].map(Int64.init(clamping:)) } ?? []
        return counted + (positions ?? []).map(\.inspected)
    }
}
