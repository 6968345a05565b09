/// What is known of a version's quality, as its manifest says.
public struct ReleaseEvidence: Codable, Equatable, Sendable {
    /// Examples learnt.
    public var examples: UInt64
    /// Progressive loss over the recent window: log loss, or RMSE.
    public var recentLoss: Double?
    /// The loss of the best constant over the same window.
    public var constantLoss: Double?
    /// Σ predictions / Σ labels over the recent window; nil where the ratio means nothing, as for regression.
    public var calibration: Double?
    public var weightsFinite: Bool

    public init(examples: UInt64, recentLoss: Double?, constantLoss: Double?, calibration: Double?, weightsFinite: Bool) {
        self.examples = examples
        self.recentLoss = recentLoss
        self.constantLoss = constantLoss
        self.calibration = calibration
        self.weightsFinite = weightsFinite
    }
}

/// The publisher's judgement on a candidate.
public enum PublishVerdict: Equatable, Sendable {
    public enum Reason: String, Codable, Sendable {
        case weightsNotFinite = "weights-not-finite"
        case notScored = "not-scored"
        case notCalibrated = "not-calibrated"
        case worse
    }

    case serve(sentence: String)
    case hold(Reason, sentence: String)

    public var isServe: Bool { if case .serve = self { true } else { false } }
}

/// Lets a candidate through that is not worse than what is served, calibrated and finite.
public struct PublishGate: Codable, Equatable, Sendable {
    /// How much worse the loss may be, as a share of it.
    public var relativeMargin: Double
    /// How much worse the loss may be beside that, in units of the loss.
    public var absoluteMargin: Double
    public var leastCalibration: Double
    public var greatestCalibration: Double
    /// Calibration is judged from here on.
    public var calibrationExamples: UInt64

    public init(
        relativeMargin: Double = 0.1, absoluteMargin: Double = 0.01, leastCalibration: Double = 0.5, greatestCalibration: Double = 2,
        calibrationExamples: UInt64 = 1000
    ) {
        self.relativeMargin = relativeMargin
        self.absoluteMargin = absoluteMargin
        self.leastCalibration = leastCalibration
        self.greatestCalibration = greatestCalibration
        self.calibrationExamples = calibrationExamples
    }

    /// - Parameters:
    ///   - served: the version served now; nil for the first one, which is judged against the constant predictor.
    ///   - isRollback: an operator chose the candidate; it need not be as good as what it replaces.
    public func judge(_ candidate: ReleaseEvidence, served: ReleaseEvidence?, isRollback: Bool = false) -> PublishVerdict {
        guard candidate.weightsFinite else {
            return .hold(.weightsNotFinite, sentence: "The candidate has weights that are no numbers.")
        }
        if let verdict = judgeCalibration(of: candidate) { return verdict }
        if isRollback { return .serve(sentence: "An operator rolled back to this version.") }
        guard let loss = candidate.recentLoss, loss.isFinite else {
            return .hold(.notScored, sentence: "The candidate has no recent loss to judge it by.")
        }
        return judge(loss: loss, of: candidate, served: served)
    }

    private func judgeCalibration(of candidate: ReleaseEvidence) -> PublishVerdict? {
        guard candidate.examples >= calibrationExamples, let ratio = candidate.calibration else { return nil }
        guard ratio.isFinite, ratio >= leastCalibration, ratio <= greatestCalibration else {
            return .hold(
                .notCalibrated,
                sentence: "The candidate predicts \(ratio) times what happens, outside \(leastCalibration) to \(greatestCalibration).")
        }
        return nil
    }

    private func judge(loss: Double, of candidate: ReleaseEvidence, served: ReleaseEvidence?) -> PublishVerdict {
        let (name, reference) = reference(for: candidate, served: served)
        guard let reference, reference.isFinite else {
            return .serve(sentence: "There is nothing to compare the candidate's loss of \(loss) with.")
        }
        let limit = reference * (1 + relativeMargin) + absoluteMargin
        guard loss <= limit else {
            return .hold(.worse, sentence: "The candidate's loss of \(loss) exceeds \(limit), which is \(name) and the margin.")
        }
        return .serve(sentence: "The candidate's loss of \(loss) is within \(limit), which is \(name) and the margin.")
    }

    /// The served version's loss is carried over to the candidate's window by the constants' losses when that window is the harder one:
    /// a harder hour is no fault of the candidate.
    private func reference(for candidate: ReleaseEvidence, served: ReleaseEvidence?) -> (name: String, loss: Double?) {
        guard let served, let loss = served.recentLoss else { return ("the constant predictor's", candidate.constantLoss) }
        guard let now = candidate.constantLoss, let before = served.constantLoss, before > 0, now > before, now.isFinite else {
            return ("the served version's", loss)
        }
        return ("the served version's in this window", loss * now / before)
    }
}
