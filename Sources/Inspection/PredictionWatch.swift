import Learning

/// Looks at the predictions and the updates of 2,048 events at a time.
///
/// - *Uncalibrated*, for labels of two classes: the events of either class are twice as many as predicted, or half of them, and so far from
///   it that chance does not bring it about (six standard deviations of the sum of independent labels).
/// - *Collapsed*: the predictions vary less than a hundredth of what was the least so far, in variance.
/// - *Limited*: the influence budget cuts a share of the updates that is four times the greatest so far, and a twentieth more, or nearly
///   all of them: gradients have grown.
///
/// What lasts is how things are now: after sixteen blocks in a row it is usual.
struct PredictionWatch: Codable, Equatable, Sendable {
    struct Findings: OptionSet {
        let rawValue: UInt8
        static let uncalibrated = Findings(rawValue: 1)
        static let collapsed = Findings(rawValue: 2)
        static let limited = Findings(rawValue: 4)
    }

    private struct Block: Codable, Equatable, Sendable {
        var start: UInt64
        var events = 0
        var limited = 0
        var labels = 0.0
        var predictions = 0.0
        var squares = 0.0
        /// Of the sum of the labels, if they are drawn as predicted.
        var variance = 0.0

        var spread: Double { max(0, squares - predictions * predictions / Double(events)) / Double(events) }
        var limitedShare: Double { Double(limited) / Double(events) }
    }

    private static let size = 2_048
    /// Blocks that only teach.
    private static let learningBlocks = 4
    private static let deviations = 6.0
    /// Blocks in a row after which what was found is usual.
    private static let patience = 16
    /// Of the updates, that may be cut without a word.
    private static let mostLimited = 0.9

    private var block = Block(start: 0)
    private var blocks = 0
    private var leastSpread = Double.greatestFiniteMagnitude
    private var greatestLimited = 0.0
    private var raised: UInt8 = 0
    /// Blocks in a row in which something was found.
    private var lasting = 0
    /// Events of the last full block as predicted, and as they were.
    private(set) var expected = 0.0
    private(set) var actual = 0.0
    /// The first event of that block, and of the one before it, in which what was found may have begun.
    private var start: UInt64 = 0
    private(set) var changePoint: UInt64 = 0

    init() {}

    var isArmed: Bool { blocks >= Self.learningBlocks }
    func isRaised(_ finding: Findings) -> Bool { Findings(rawValue: raised).contains(finding) }

    /// Takes a prediction that was made before the label was known. Says each thing once, until a block without it.
    ///
    /// - Parameter isLimited: whether the update was cut by the influence budget.
    mutating func observe(prediction: Float, label: Float, isLimited: Bool, task: PredictionTask, at sequence: UInt64) -> Findings {
        if block.events == 0 { block.start = sequence }
        let (prediction, label) = (Double(prediction), Double(label))
        block.events += 1
        if isLimited { block.limited += 1 }
        block.labels += label
        block.predictions += prediction
        block.squares += prediction * prediction
        block.variance += prediction * (1 - prediction)
        return block.events == Self.size ? end(task) : []
    }

    private mutating func end(_ task: PredictionTask) -> Findings {
        let findings = isArmed ? judge(task) : []
        let new = findings.subtracting(Findings(rawValue: raised))
        raised = findings.rawValue
        blocks = min(blocks + 1, Self.learningBlocks)
        lasting = findings.isEmpty ? 0 : lasting + 1
        // A model that knows nothing yet is no measure of what is usual.
        if findings.isEmpty || lasting >= Self.patience, blocks > 1 { learn() }
        if lasting >= Self.patience { lasting = 0 }
        (expected, actual) = (block.predictions, block.labels)
        (changePoint, start) = (blocks > 1 ? start : block.start, block.start)
        block = Block(start: 0)
        return new
    }

    private func judge(_ task: PredictionTask) -> Findings {
        var findings: Findings = []
        if task == .binary, isUncalibrated { findings.insert(.uncalibrated) }
        if block.spread < leastSpread / 100 { findings.insert(.collapsed) }
        if block.limitedShare > min(4 * greatestLimited + 0.05, Self.mostLimited) { findings.insert(.limited) }
        return findings
    }

    private var isUncalibrated: Bool {
        guard abs(block.labels - block.predictions) > Self.deviations * max(block.variance, 1).squareRoot() else { return false }
        let others = (labels: Double(block.events) - block.labels, predictions: Double(block.events) - block.predictions)
        func isOff(_ labels: Double, _ predictions: Double) -> Bool { labels > 2 * predictions || predictions > 2 * labels }
        return isOff(block.labels, block.predictions) || isOff(others.labels, others.predictions)
    }

    private mutating func learn() {
        leastSpread = min(leastSpread, block.spread)
        greatestLimited = max(greatestLimited, block.limitedShare)
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        [block.labels, block.predictions, block.squares, block.variance, leastSpread, greatestLimited].allSatisfy(\.isFinite)
            && (0..<Self.size).contains(block.events) && (0...Self.learningBlocks).contains(blocks)
            && (0..<Self.size).contains(block.limited) && (0..<Self.patience).contains(lasting)
    }

    /// The first event that has been looked at and not been judged; nil if there is none.
    var unjudgedFrom: UInt64? { block.events == 0 ? nil : block.start }

    /// Forgets what it has against the model, not what is usual.
    mutating func forget() { (block, raised, lasting) = (Block(start: 0), 0, 0) }
}
