/// Watches the events' own times, for each input by itself: within a partition they go on, give or take what was usual.
///
/// - *Late* is an event that is older than the newest by more than three times what was seen while the stream was calm, and a minute at least:
///   a consumer that lost its place, a producer that sends the past again.
/// - *Early* is one that is ahead of the newest by more than a hundred events take, and an hour at least. One from the year 2100 must not make
///   all others late, so the newest time stays where it is until sixteen early events in a row say that it has moved on. Then it is a leap: a
///   pause of the feed, or a clock that is wrong; told if it is more than three times the greatest there was. Should sixteen events in a row
///   go on where the time was before, they are believed as well: it was the clock, and they are not late.
/// - *Stuck* is one time and nothing else, by the rule of `RunWatch`.
struct EventTimeWatch: Codable, Equatable, Sendable {
    struct Findings: OptionSet {
        let rawValue: UInt8
        /// The event completes the evidence.
        static let late = Findings(rawValue: 1)
        static let early = Findings(rawValue: 2)
        static let stuck = Findings(rawValue: 4)
        /// A leap is believed.
        static let leapt = Findings(rawValue: 8)
    }

    /// Late data come in bursts; a replay of the past is nothing else. Nothing comes early.
    private static let lateTolerance = 0.25
    private static let earlyTolerance = 0.02
    static let inputLimit = 1024

    private(set) var late: RateWatch
    private(set) var early: RateWatch
    private var inputs: [EventTimeline?] = []
    private var limits: EventTimeLimits
    /// Of the input whose time was found to be stuck last, or to have leapt.
    private(set) var start: UInt64 = 0
    private(set) var distance: Int64 = 0

    init(learningEvents: Int, logRunLength: Double) {
        late = RateWatch(floor: Self.lateTolerance, provisional: nil, learningEvents: learningEvents, logRunLength: logRunLength)
        early = RateWatch(floor: Self.earlyTolerance, provisional: nil, learningEvents: learningEvents, logRunLength: logRunLength)
        limits = EventTimeLimits(learningEvents: learningEvents)
    }

    /// Goes on where an older build stood.
    init(_ earlier: EarlierEventTimes, learningEvents: Int, logRunLength: Double) {
        self.init(learningEvents: learningEvents, logRunLength: logRunLength)
        late = earlier.rate
        limits = EventTimeLimits(earlier)
        inputs = earlier.inputs.map { $0.map { EventTimeline(newest: $0.newest) } }
    }

    /// Of all inputs.
    var newest: Int64? { inputs.compactMap { $0?.newest }.max() }

    /// - Parameters:
    ///   - time: in milliseconds since 1970.
    ///   - input: which partition the event is from; those beyond `inputLimit` are not watched.
    mutating func observe(_ time: Int64, input: Int, at sequence: UInt64, logRunLength: Double, learningEvents: Int) -> Findings {
        guard input < Self.inputLimit else { return [] }
        while inputs.count <= input { inputs.append(nil) }
        guard inputs[input] != nil else {
            inputs[input] = EventTimeline(newest: time)
            return []
        }
        var findings: Findings = []
        if inputs[input]!.isStuck(time, at: sequence, logRunLength: logRunLength, learningEvents: learningEvents) {
            (findings, start) = (.stuck, inputs[input]!.run.runStart)
        }
        let step = inputs[input]!.follow(time, limits, at: sequence)
        if case .leap(let distance, let from) = step, distance > limits.usualLeap {
            findings.insert(.leapt)
            (self.distance, start) = (distance, from)
        }
        if !late.detector.isSuspect { limits.learn(step) }
        judge(step, after: step.isAhead ? 0..<0 : inputs[input]!.endEarly(), at: sequence, &findings)
        return findings
    }

    /// - Parameter ahead: early events in a row, now that it is known that they are no leap.
    private mutating func judge(
        _ step: EventTimeline.Step, after ahead: Range<UInt64>, at sequence: UInt64, _ findings: inout Findings
    ) {
        let isLate = step.lateness > limits.lateness
        if isLate || !late.isIdle, late.observe(isBad: isLate, at: sequence) { findings.insert(.late) }
        for number in ahead where early.observe(isBad: true, at: number) { findings.insert(.early) }
        if step != .early, !early.isIdle, early.observe(isBad: false, at: sequence) { findings.insert(.early) }
    }

    /// The longest run of one time, in units of its limit, and its first event; nil if none is worth a word.
    var stuck: (ratio: Double, start: UInt64)? {
        inputs.compactMap { $0?.run }.filter { $0.ratio > 0 }.max { $0.ratio < $1.ratio }.map { ($0.ratio, $0.runStart) }
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        late.isSound && early.isSound && inputs.count <= Self.inputLimit && inputs.allSatisfy { $0?.isSound != false } && limits.isSound
    }

    mutating func require(logRunLength: Double) {
        late.require(logRunLength: logRunLength)
        early.require(logRunLength: logRunLength)
    }

    mutating func forget() {
        late.forget()
        early.forget()
        inputs = []
    }
}
