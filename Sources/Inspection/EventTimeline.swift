/// How far event times may be from what is expected.
struct EventTimeLimits: Codable, Equatable, Sendable {
    private static let leastLateness: Int64 = 60_000
    private static let leastLeap: Int64 = 3_600_000
    private static let patience: Int64 = 3
    /// A leap is as far as this many events lie apart on the average.
    private static let usualSteps: Int64 = 100
    static let most = Int64.max / patience

    /// How late an event may be, in milliseconds.
    private(set) var lateness = Self.leastLateness
    /// How far ahead of the newest one by itself; beyond that others have to bear it out.
    private(set) var leap = Self.leastLeap
    /// Leaps up to here are no news.
    private(set) var usualLeap: Int64 = 0
    private var greatestLateness: Int64 = 0
    private var progress: Int64 = 0
    private var events = 0
    private var next: Int

    init(learningEvents: Int) { next = learningEvents }

    /// Goes on with what an older build knew.
    init(_ earlier: EarlierEventTimes) {
        (lateness, greatestLateness) = (earlier.lateness, earlier.greatestLateness)
        (events, next) = (earlier.events, earlier.next)
    }

    /// The limits are set after `learningEvents` and at every doubling up to the horizon. A leap is told to people once: others like it are
    /// none worth a word.
    mutating func learn(_ step: EventTimeline.Step) {
        if case .leap(let distance, _) = step { usualLeap = max(usualLeap, Self.patience * min(distance, Self.most)) }
        guard next <= RateWatch.horizon else { return }
        greatestLateness = max(greatestLateness, min(step.lateness, Self.most))
        if case .onTime(let ahead) = step { progress = min(progress, Self.most - min(ahead, Self.most)) + min(ahead, Self.most) }
        events += 1
        guard events >= next else { return }
        lateness = max(Self.leastLateness, Self.patience * greatestLateness)
        leap = max(leap, Self.usualSteps * min(progress / Int64(events), Self.most / Self.usualSteps))
        next *= 2
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        [greatestLateness, progress].allSatisfy((0...Self.most).contains) && min(lateness, leap) > 0 && usualLeap >= 0
            && [events, next].allSatisfy(soundCounts.contains)
    }
}

/// What builds before there was `clock` wrote about event times.
struct EarlierEventTimes: Decodable {
    struct Input: Decodable { var newest: Int64 }

    var rate: RateWatch
    var inputs: [Input?]
    var greatestLateness: Int64
    var lateness: Int64
    var events: Int
    var next: Int
}

/// The event times of one input: the newest, and what speaks for another.
struct EventTimeline: Codable, Equatable, Sendable {
    enum Step: Equatable {
        /// So many milliseconds after the newest.
        case onTime(Int64)
        /// By so many before it.
        case late(Int64)
        case early
        /// The time has moved on by so much, as events from this one on say.
        case leap(Int64, from: UInt64)

        /// Early, or a leap.
        var isAhead: Bool {
            switch self {
            case .early, .leap: true
            case .onTime, .late: false
            }
        }

        var lateness: Int64 { if case .late(let distance) = self { distance } else { 0 } }
    }

    private static let witnesses = 16

    private(set) var newest: Int64
    private(set) var run = RunWatch()
    /// Events in a row that are early, and the first of them.
    private var ahead = 0
    private var aheadFrom: UInt64 = 0
    /// How far the time leapt last, events in a row that go on where it would be without, and all events since that do not.
    private var leapt: Int64?
    private var back = 0
    private var since = 0

    init(newest: Int64) { self.newest = newest }

    /// True when the event makes a run of one time an alarm.
    mutating func isStuck(_ time: Int64, at sequence: UInt64, logRunLength: Double, learningEvents: Int) -> Bool {
        run.observe(UInt64(bitPattern: time), at: sequence, logRunLength: logRunLength, learningEvents: learningEvents)
    }

    mutating func follow(_ time: Int64, _ limits: EventTimeLimits, at sequence: UInt64) -> Step {
        let difference = time.subtractingReportingOverflow(newest)
        let distance = difference.overflow ? (time > 0 ? .max : -.max) : max(difference.partialValue, -.max)
        if distance > limits.leap { return goAhead(time, distance, at: sequence) }
        if distance < -limits.lateness, goesBack(time, limits) { return .onTime(0) }
        back = 0
        since += 1
        // A clock that was wrong for so long is right.
        if since >= RateWatch.horizon { (leapt, since) = (nil, 0) }
        newest = max(newest, time)
        return distance < 0 ? .late(-distance) : .onTime(distance)
    }

    /// The early events in a row, now that another one came; of several partitions by turns, as many from the first of them on.
    mutating func endEarly() -> Range<UInt64> {
        defer { ahead = 0 }
        return aheadFrom..<aheadFrom + UInt64(ahead)
    }

    private mutating func goAhead(_ time: Int64, _ distance: Int64, at sequence: UInt64) -> Step {
        if ahead == 0 { aheadFrom = sequence }
        ahead += 1
        guard ahead >= Self.witnesses else { return .early }
        (leapt, newest, ahead, back, since) = (distance, time, 0, 0, 0)
        return .leap(distance, from: aheadFrom)
    }

    /// Whether the time goes on where it would be without the last leap. It is that one again after enough events in a row.
    private mutating func goesBack(_ time: Int64, _ limits: EventTimeLimits) -> Bool {
        guard let leapt, newest >= .min + leapt else { return false }
        let difference = time.subtractingReportingOverflow(newest - leapt)
        guard !difference.overflow, (-limits.lateness...limits.leap).contains(difference.partialValue) else { return false }
        back += 1
        guard back >= Self.witnesses else { return true }
        (newest, self.leapt, back, since) = (time, nil, 0, 0)
        return true
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        run.isSound && [ahead, back].allSatisfy { (0...Self.witnesses).contains($0) } && (leapt ?? 0) >= 0
            && (0...RateWatch.horizon).contains(since) && aheadFrom < .max / 2
    }
}
