import Learning

/// Tells whether the labels still have to do with what the model predicts, for labels of two classes.
///
/// - *Contradicted*: they say the opposite. The evidence is the likelihood ratio of the prediction reflected at the mean of the labels, in
///   log odds, against that mean: its expectation is at most 1 for whoever predicts no worse than the mean does, however badly scaled, and
///   for labels that have nothing to do with the predictions. A real change makes a model useless for a while; labels that were swapped
///   make it worse than that.
/// - *Overturned*: what used to be one label in ten or fewer is most of them, for longer than thrice the longest time that ended by itself.
/// - *Detached*: they have nothing to do with it. The evidence is that of the mean against the prediction drawn half-way to it: labels that
///   were mixed up, or that belong to other events.
///
/// All are e-detectors; likelihood ratios are cut at 2. On an electricity market and under sudden drift the regression of labels on
/// predictions never had a slope below 0.6 in 2,048 events; it is −1 for swapped labels, and 0 for mixed-up ones.
struct LabelWatch: Codable, Equatable, Sendable {
    struct Findings: OptionSet {
        let rawValue: UInt8
        static let contradicted = Findings(rawValue: 1)
        static let detached = Findings(rawValue: 2)
        static let overturned = Findings(rawValue: 4)
    }

    /// The labels whose mean is the constant predictor.
    private static let memory = 2_000.0
    private static let leastShare = 1e-3
    /// A ratio of 1 says nothing; what is a little more may be a mean that lags behind.
    private static let tolerance = 0.5
    private static let margin = 0.05
    private static let noiseMargin = 0.002
    private static let rareShare = 0.1
    private static let patience = 3

    private(set) var contradiction: EDetector
    private(set) var majority: EDetector
    /// Rare labels since they became more than the half, the most of those that ended by itself, and whether it was told.
    private var burst = 0
    private var longestBurst = 0
    private var isTold = false
    private(set) var detachment: EDetector
    private var mean = 0.0
    private var labels = 0.0
    private var events = 0

    init(logRunLength: Double) {
        contradiction = EDetector(tolerance: Self.tolerance + Self.margin, logRunLength: logRunLength)
        majority = EDetector(tolerance: Self.tolerance, logRunLength: logRunLength)
        detachment = EDetector(tolerance: Self.tolerance + Self.noiseMargin, logRunLength: logRunLength)
    }

    /// The first predictions are no better than the mean: nothing can be told from them.
    func isArmed(learningEvents: Int) -> Bool { events >= learningEvents }

    /// Takes a prediction that was made before the label was known.
    mutating func observe(prediction: Float, label: Float, at sequence: UInt64, learningEvents: Int) -> Findings {
        defer { if !contradiction.isSuspect && !majority.isSuspect { follow(Double(label)) } }
        guard isArmed(learningEvents: learningEvents) else { return [] }
        let ratios = ratios(of: Double(prediction), isOne: label > 0.5)
        var findings: Findings = []
        if contradiction.observe(badness: Self.badness(ratios.reflected), at: sequence) { findings.insert(.contradicted) }
        if detachment.observe(badness: Self.badness(ratios.detached), at: sequence) { findings.insert(.detached) }
        if isOverturned(byOne: label > 0.5, at: sequence) { findings.insert(.overturned) }
        return findings
    }

    private mutating func isOverturned(byOne isOne: Bool, at sequence: UInt64) -> Bool {
        let isRare = isOne == (mean <= 0.5)
        guard !majority.isAtRest || (isRare && min(mean, 1 - mean) <= Self.rareShare) else { return false }
        _ = majority.observe(isBad: isRare, at: sequence)
        if isRare { burst += 1 }
        if majority.isAtRest { endBurst() }
        guard majority.isRaised, isUnusual, !isTold else { return false }
        isTold = true
        return true
    }

    private mutating func endBurst() {
        longestBurst = max(longestBurst, burst)
        (burst, isTold) = (0, false)
    }

    /// Rare labels come in bursts: a night's chargebacks, a storm.
    private var isUnusual: Bool { burst >= Self.patience * longestBurst }

    /// The side of the contradiction with more evidence.
    var stronger: EDetector { isUnusual && majority.evidence > contradiction.evidence ? majority : contradiction }

    private static func badness(_ ratio: Double) -> Double { min(max(ratio, 0), 2) / 2 }

    private func ratios(of prediction: Double, isOne: Bool) -> (reflected: Double, detached: Double) {
        let constant = min(max(mean, Self.leastShare), 1 - Self.leastShare)
        let odds = Self.odds(constant)
        let distance = Self.odds(min(max(prediction, 1e-6), 1 - 1e-6)) / odds
        func likelihood(_ odds: Double) -> Double { isOne ? odds / (1 + odds) : 1 / (1 + odds) }
        let usual = likelihood(odds)
        return (likelihood(odds / distance) / usual, usual / likelihood(odds * distance.squareRoot()))
    }

    private static func odds(_ share: Double) -> Double { share / (1 - share) }

    private mutating func follow(_ label: Double) {
        events = min(events + 1, RateWatch.horizon)
        labels = min(labels + 1, Self.memory)
        mean += (label - mean) / labels
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        (0...RateWatch.horizon).contains(events) && (0...Self.memory).contains(labels) && (0...1).contains(mean)
            && [burst, longestBurst].allSatisfy(soundCounts.contains)
    }

    /// Begins anew, but for what it knows of bursts: the one that was running is one of them.
    mutating func accept(logRunLength: Double) {
        let longest = max(longestBurst, burst)
        self = LabelWatch(logRunLength: logRunLength)
        longestBurst = longest
    }

    mutating func require(logRunLength: Double) {
        contradiction.require(logRunLength: logRunLength)
        majority.require(logRunLength: logRunLength)
        detachment.require(logRunLength: logRunLength)
    }

    mutating func forget() {
        contradiction.forget()
        majority.forget()
        detachment.forget()
        (burst, isTold) = (0, false)
    }
}
