/// An e-detector with the band it learns from its own stream: the tolerance is twice the rate seen while the stream was calm, and
/// never below a floor.
///
/// The band is set after `learningEvents` and again at every doubling up to `horizon`, then it stands: a rate that creeps up afterwards
/// meets the band of before and is shown to people instead of being learnt away. Events seen while the detector is above half its
/// threshold teach nothing.
struct RateWatch: Codable, Equatable, Sendable {
    static let horizon = 65_536

    struct Progress: Codable, Equatable, Sendable {
        var events = 0
        var bad = 0
        /// The number of events at which the band is set next.
        var next: Int
    }

    private(set) var detector: EDetector
    private(set) var isArmed: Bool
    /// nil once the band stands.
    private(set) var learning: Progress?
    private let floor: Double

    /// A band that is given and stands.
    init(fixed tolerance: Double, logRunLength: Double) {
        detector = EDetector(tolerance: tolerance, logRunLength: logRunLength)
        (isArmed, learning, floor) = (true, nil, tolerance)
    }

    /// A band that is learnt; until then the detector is armed at `provisional`, or not armed.
    init(floor: Double, provisional: Double?, learningEvents: Int, logRunLength: Double) {
        detector = EDetector(tolerance: provisional ?? floor, logRunLength: logRunLength)
        isArmed = provisional != nil
        learning = Progress(next: learningEvents)
        self.floor = floor
    }

    /// Whether a good event would change nothing: the case to be quick about.
    var isIdle: Bool { learning == nil && detector.isAtRest }

    /// True when the event completes the evidence.
    mutating func observe(isBad: Bool, at sequence: UInt64) -> Bool {
        let isRaised = isArmed && detector.observe(isBad: isBad, at: sequence)
        if learning != nil && !detector.isSuspect { learn(isBad: isBad) }
        return isRaised
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        guard let learning else { return true }
        return soundCounts.contains(learning.events) && (0...learning.events).contains(learning.bad)
            && (1...2 * Self.horizon).contains(learning.next)
    }

    mutating func forget() { detector.forget() }

    mutating func require(logRunLength: Double) { detector.require(logRunLength: logRunLength) }

    private mutating func learn(isBad: Bool) {
        learning?.events += 1
        if isBad { learning?.bad += 1 }
        if let learning, learning.events >= learning.next { setBand(from: learning) }
    }

    private mutating func setBand(from progress: Progress) {
        let rate = Double(progress.bad) / Double(progress.events)
        detector.widen(to: max(floor, 2 * rate))
        isArmed = true
        let isLast = 2 * progress.next > Self.horizon
        learning = isLast ? nil : Progress(events: progress.events, bad: progress.bad, next: 2 * progress.next)
    }
}
