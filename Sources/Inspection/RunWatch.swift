/// Watches for one value and nothing else where values used to change, by the exact rule of run lengths (`ConstantLabelWatch` has the
/// reasons): under independence a value that repeats with probability `p` does so `k` times with probability `p^k`. The limit is never
/// below three times the longest run that ended by itself, because values of real streams come in runs.
struct RunWatch: Codable, Equatable, Sendable {
    private static let leastChange = 1e-4
    private static let patience = 3
    /// Runs that must have ended before one can be too long.
    private static let leastRuns = 8
    private static let ln2 = 0.693147180559945

    private var value: UInt64?
    private(set) var runStart: UInt64 = 0
    private(set) var runLength = 0
    /// The length at which this run is an alarm; 0 while it is too short to be one.
    private(set) var limit = 0
    private(set) var isRaised = false
    private var repeats = 0
    private var runs = 0
    private var longest = 0

    init() {}

    /// The run in units of its limit; 0 while there is no limit.
    var ratio: Double { limit == 0 ? 0 : min(1, Double(runLength) / Double(limit)) }

    func isArmed(learningEvents: Int) -> Bool { runs >= Self.leastRuns && repeats + runs >= learningEvents }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool { [runLength, limit, repeats, runs, longest].allSatisfy(soundCounts.contains) }

    /// True when the event makes the run an alarm.
    mutating func observe(_ value: UInt64, at sequence: UInt64, logRunLength: Double, learningEvents: Int) -> Bool {
        if value != self.value { begin(value, at: sequence) }
        runLength += 1
        guard Double(runLength) * Self.ln2 >= logRunLength else { return false }
        if limit == 0, isArmed(learningEvents: learningEvents) {
            let share = max(Double(runs) / Double(repeats + runs), Self.leastChange) / 2
            limit = max(Int((logRunLength / -naturalLogarithm(1 - share)).rounded(.up)), longest * Self.patience)
        }
        guard limit > 0, runLength >= limit, !isRaised else { return false }
        isRaised = true
        return true
    }

    /// Forgets the run, not what was learnt.
    mutating func forget() {
        value = nil
        (runStart, runLength, limit, isRaised) = (0, 0, 0, false)
    }

    private mutating func begin(_ value: UInt64, at sequence: UInt64) {
        if runLength > 0, !isRaised { learnRun() }
        self.value = value
        (runStart, runLength, limit, isRaised) = (sequence, 0, 0, false)
    }

    /// A run above half its limit says nothing about how often the value changes, but that such a run ends by itself.
    private mutating func learnRun() {
        longest = max(longest, runLength)
        guard ratio < 0.5 else { return }
        repeats += runLength - 1
        runs += 1
        guard repeats + runs >= RateWatch.horizon else { return }
        repeats /= 2
        runs = max(runs / 2, min(runs, Self.leastRuns))
    }
}
