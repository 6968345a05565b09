import Learning

/// Watches for one label and nothing else, by the exact rule of run lengths: under independence a run of `k` labels of share `p` has
/// probability `p^k`, so a run longer than `ln c / −ln p` comes once in `c` events or less.
///
/// `p` is what the share would be if the others became half as frequent as they were learnt to be: the same tolerance as that of the
/// label rate. Labels of real streams come in runs (a storm delays every flight of an evening), so the limit is never below three times the
/// longest run that has ended by itself: on a year of flights and on an electricity market no run was more than 2.5 times the longest before
/// it, once a few hundred labels were seen. It is never below ½ (bursts of a rare class are natural) and the others count as one in 10,000 at least. For regression,
/// where a "class" is any number, the share is that of labels that repeat the one before. Only finished runs teach, so a constant does
/// not raise its own limit, and a run above half its limit teaches nothing.
struct ConstantLabelWatch: Codable, Equatable, Sendable {
    private static let leastShareOfOthers = 1e-4
    /// No run shorter than `ln c / ln 2` is an alarm, as no share counts as less than ½.
    private static let ln2 = 0.693147180559945

    /// The running run: its label, first event and length so far.
    private var label: Float?
    private(set) var runStart: UInt64 = 0
    private(set) var runLength = 0
    /// The length at which this run is an alarm; 0 while the watch is not armed or the run is too short to be one.
    private(set) var limit = 0
    private(set) var isRaised = false

    /// Labels of finished runs. Binary: zeros and ones. Regression: labels that repeat their predecessor, and labels that do not.
    private var first = 0
    private var second = 0
    /// The longest run of any label that ended by itself.
    private var longest = 0
    /// How many times the longest run so far a run may be.
    private static let patience = 3

    init() {}

    /// The run in units of its limit; 0 while there is no limit.
    var ratio: Double { limit == 0 ? 0 : min(1, Double(runLength) / Double(limit)) }

    /// Armed once enough labels were seen, and not all of them one label.
    func isArmed(task: PredictionTask, learningEvents: Int) -> Bool {
        first + second >= learningEvents && second > 0 && (first > 0 || task == .regression)
    }

    /// True when the event makes the run an alarm.
    mutating func observe(
        _ label: Float, at sequence: UInt64, task: PredictionTask, logRunLength: Double, learningEvents: Int
    ) -> Bool {
        if label != self.label {
            finishRun(task: task)
            self.label = label
            runStart = sequence
        }
        runLength += 1
        if limit == 0, Double(runLength) * Self.ln2 >= logRunLength, isArmed(task: task, learningEvents: learningEvents) {
            limit = max(Self.limit(others: shareOfOthers(task: task), logRunLength: logRunLength), longest * Self.patience)
        }
        guard limit > 0, runLength >= limit, !isRaised else { return false }
        isRaised = true
        return true
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool { [runLength, limit, first, second, longest].allSatisfy(soundCounts.contains) }

    /// Forgets the run, not what was learnt.
    mutating func forget() {
        label = nil
        (runStart, runLength, limit, isRaised) = (0, 0, 0, false)
    }

    private static func limit(others: Double, logRunLength: Double) -> Int {
        let share = 1 - max(others, leastShareOfOthers) / 2
        return Int((logRunLength / -naturalLogarithm(share)).rounded(.up))
    }

    private func shareOfOthers(task: PredictionTask) -> Double {
        let others =
            switch task {
            case .binary: label == 0 ? second : first
            case .regression: second
            }
        return Double(others) / Double(first + second)
    }

    private mutating func finishRun(task: PredictionTask) {
        if !isRaised { longest = max(longest, runLength) }
        if runLength > 0 && ratio < 0.5 { learnRun(task: task) }
        forget()
    }

    private mutating func learnRun(task: PredictionTask) {
        switch task {
        case .binary:
            if label == 0 { first += runLength } else { second += runLength }
        case .regression:
            first += runLength - 1
            second += 1
        }
        guard first + second >= RateWatch.horizon else { return }
        // A class that was seen stays seen.
        first = max(first / 2, min(first, 1))
        second = max(second / 2, min(second, 1))
    }
}
