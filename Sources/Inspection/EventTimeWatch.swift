/// Watches the events' own times, for each input by itself: within a partition they go on, give or take what was usual.
///
/// An event is late when it is older than the newest by more than three times what was seen while the stream was calm, and a minute at least.
/// A newest time that leaps ahead by more than an hour is believed when sixteen events in a row say so, lest one event from the year 2100
/// makes all others late.
struct EventTimeWatch: Codable, Equatable, Sendable {
    private struct Input: Codable, Equatable, Sendable {
        var newest: Int64
        var ahead = 0
    }

    private static let leastLateness: Int64 = 60_000
    private static let leap: Int64 = 3_600_000
    private static let witnesses = 16
    private static let patience: Int64 = 3
    /// Late data come in bursts; a replay of the past is nothing else.
    private static let tolerance = 0.25
    static let inputLimit = 1024

    private(set) var rate: RateWatch
    private var inputs: [Input?] = []
    private var greatestLateness: Int64 = 0
    private var lateness = Self.leastLateness
    private var events = 0
    private var next: Int

    init(learningEvents: Int, logRunLength: Double) {
        rate = RateWatch(floor: Self.tolerance, provisional: nil, learningEvents: learningEvents, logRunLength: logRunLength)
        next = learningEvents
    }

    /// Of all inputs.
    var newest: Int64? { inputs.compactMap { $0?.newest }.max() }

    /// True when the event completes the evidence.
    ///
    /// - Parameters:
    ///   - time: in milliseconds since 1970.
    ///   - input: which partition the event is from; those beyond `inputLimit` are not watched.
    mutating func observe(_ time: Int64, input: Int, at sequence: UInt64) -> Bool {
        guard input < Self.inputLimit else { return false }
        while inputs.count <= input { inputs.append(nil) }
        let late = follow(time, input: input)
        if !rate.detector.isSuspect { learn(late) }
        if rate.isIdle && late <= lateness { return false }
        return rate.observe(isBad: late > lateness, at: sequence)
    }

    /// How much older than the newest the event is.
    private mutating func follow(_ time: Int64, input: Int) -> Int64 {
        guard var known = inputs[input] else {
            inputs[input] = Input(newest: time)
            return 0
        }
        defer { inputs[input] = known }
        let distance = time.subtractingReportingOverflow(known.newest)
        let ahead = distance.overflow ? (time > 0 ? .max : -.max) : distance.partialValue
        guard ahead > 0 else {
            known.ahead = 0
            return ahead == .min ? .max : -ahead
        }
        known.ahead = ahead > Self.leap ? known.ahead + 1 : 0
        if ahead <= Self.leap || known.ahead >= Self.witnesses { known = Input(newest: time) }
        return 0
    }

    private mutating func learn(_ late: Int64) {
        if late <= lateness || next <= RateWatch.horizon { greatestLateness = max(greatestLateness, min(late, .max / Self.patience)) }
        events += 1
        guard events >= next, next <= RateWatch.horizon else { return }
        lateness = max(Self.leastLateness, Self.patience * greatestLateness)
        next *= 2
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        inputs.count <= Self.inputLimit && inputs.allSatisfy { $0 == nil || (0...Self.witnesses).contains($0?.ahead ?? 0) }
            && (0 ... .max / Self.patience).contains(greatestLateness) && [events, next].allSatisfy(soundCounts.contains)
    }

    mutating func require(logRunLength: Double) { rate.require(logRunLength: logRunLength) }

    mutating func forget() {
        rate.forget()
        inputs = []
    }
}
