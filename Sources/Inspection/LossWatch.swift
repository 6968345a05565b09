import Learning

/// Tells whether the model has become worse than knowing nothing: the progressive loss against that of the constant predictor, the mean of
/// the labels of the recent past.
///
/// Each event gives a number from 0 (much better than the constant) over ½ (as good) to 1 (much worse): half of the difference in units of
/// the constant's own expected loss, cut to ±1. The evidence is that of an e-detector, whose likelihood ratio `x·gain + (1 − x)·loss`
/// bounds the false alarms for any x in 0...1 whose conditional mean stays within the band (`EDetector`). The band is ½, or the mean while
/// the stream was calm where that is more, and a tenth: a real change makes a model no better than the constant for a while, labels that
/// were flipped or mixed up make it worse.
struct LossWatch: Codable, Equatable, Sendable {
    private static let margin = 0.1
    /// The labels whose mean is the constant predictor.
    private static let memory = 10_000.0
    private static let leastShare = 1e-3

    private(set) var detector: EDetector
    private(set) var isArmed = false
    private var mean = 0.0
    private var variance = 0.0
    private var labels = 0.0
    private var sum = 0.0
    private var events = 0
    private var next: Int

    init(learningEvents: Int, logRunLength: Double) {
        detector = EDetector(tolerance: 0.5 + Self.margin, logRunLength: logRunLength)
        next = learningEvents
    }

    /// Takes a prediction that was made before the label was known; true when the event completes the evidence.
    mutating func observe(prediction: Float, label: Float, task: PredictionTask, at sequence: UInt64) -> Bool {
        defer { follow(Double(label)) }
        guard prediction.isFinite, labels >= 1 else { return false }
        let share = badness(of: Double(prediction), label: Double(label), task: task)
        let isRaised = isArmed && detector.observe(badness: share, at: sequence)
        if !detector.isSuspect { learn(share) }
        return isRaised
    }

    private func badness(of prediction: Double, label: Double, task: PredictionTask) -> Double {
        let (loss, constant, scale): (Double, Double, Double)
        switch task {
        case .binary:
            let share = min(max(mean, Self.leastShare), 1 - Self.leastShare)
            func logLoss(_ share: Double) -> Double { -naturalLogarithm(label > 0.5 ? share : 1 - share) }
            loss = logLoss(min(max(prediction, 1e-6), 1 - 1e-6))
            constant = logLoss(share)
            scale = -share * naturalLogarithm(share) - (1 - share) * naturalLogarithm(1 - share)
        case .regression:
            (loss, constant) = ((prediction - label) * (prediction - label), (mean - label) * (mean - label))
            scale = variance
        }
        guard scale > 0, loss.isFinite else { return 0.5 }
        return 0.5 + 0.5 * min(max((loss - constant) / (2 * scale), -1), 1)
    }

    private mutating func follow(_ label: Double) {
        labels = min(labels + 1, Self.memory)
        let distance = label - mean
        mean += distance / labels
        variance += (distance * (label - mean) - variance) / labels
    }

    private mutating func learn(_ share: Double) {
        events += 1
        sum += share
        guard events >= next else { return }
        detector.widen(to: min(max(0.5, sum / Double(events)) + Self.margin, 0.95))
        isArmed = true
        next = min(2 * next, RateWatch.horizon)
        guard events >= RateWatch.horizon else { return }
        (events, sum) = (events / 2, sum / 2)
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool { [events, next].allSatisfy(soundCounts.contains) }

    mutating func require(logRunLength: Double) { detector.require(logRunLength: logRunLength) }

    mutating func forget() { detector.forget() }
}
