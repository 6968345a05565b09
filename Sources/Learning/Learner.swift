/// An FTRL-Proximal learner (McMahan et al. 2013, Algorithm 1) for log loss or squared loss over hashed features.
///
/// **Pure.** Equal specifications and equal examples in equal order give equal bits. There is no clock and no randomness.
///
/// **Scale.** Numbers are standardised by slot as they stream by (`RunningScale`), so raw units work with one learning rate.
/// Regression labels are standardised in the same way: the linear score is in deviations of the label, the loss is half its
/// squared error, and the first eight labels only set the scale.
///
/// **Influence.** Before any state is touched, values, weights, labels and gradients are checked and clipped. An update moves
/// the margin of its own event by at most `specification.influence`: the sum of x² · rate over its coordinates bounds the change per
/// unit of gradient (see `FTRLRule`), and the gradient is cut to fit. The rates are at hand, so the check costs one addition a
/// feature. The running scales move besides, by no more than ten deviations divided by the values seen. What was clipped is counted
/// in `globals`.
public struct Learner: ~Copyable, Sendable {
    /// Slots in a page, the unit of checkpointing: 4,096, or all of them in a smaller model.
    public static let slotsPerPage = 4096

    public let specification: LearnerSpecification
    /// The state outside the slots.
    public internal(set) var globals = LearnerGlobals()

    var slots: [Slot]
    var dirtyPages: [Bool]
    private(set) var rule: FTRLRule
    private(set) var interceptRule: FTRLRule
    /// The coordinates of the event being learnt, kept so that learning allocates nothing.
    private var coordinates: [Coordinate] = []

    /// One slot that the event touches.
    struct Coordinate: Sendable {
        var slot: Int
        /// The scaled value; the sum of them when the slot occurs more than once.
        var value: Float
        var weight: Float
        var root: Float
        var rate: Float
    }

    /// A learner that has seen nothing. The specification must be a valid one (`LearnerSpecification.validate`).
    public init(_ specification: LearnerSpecification) {
        do { try specification.validate() } catch { preconditionFailure(error.message) }
        self.specification = specification
        slots = [Slot](repeating: Slot(), count: specification.slotCount)
        dirtyPages = [Bool](repeating: false, count: specification.pageCount)
        rule = FTRLRule(specification.ftrl)
        interceptRule = .intercept(specification.ftrl)
    }

    /// Back to the state before the first example, with no page marked dirty.
    public mutating func reset() {
        restore(LearnerGlobals())
        slots = [Slot](repeating: Slot(), count: specification.slotCount)
        dirtyPages = [Bool](repeating: false, count: specification.pageCount)
    }

    /// Takes a version's state outside the slots.
    public mutating func restore(_ globals: LearnerGlobals) {
        self.globals = globals
        rule = FTRLRule(specification.ftrl, lanes: globals.lanes)
        interceptRule = .intercept(specification.ftrl, lanes: globals.lanes)
    }

    /// Learns on as one of so many lanes: every weight stays, and what was learnt counts as one lane's part of it. Marks what changes dirty.
    public mutating func divide(among lanes: UInt16) {
        let share = Float(globals.lanes) / Float(max(1, lanes))
        guard share != 1 else { return }
        for index in slots.indices where slots[index] != Slot() {
            slots[index] = slots[index].scaled(by: share)
            dirtyPages[index / specification.slotsInPage] = true
        }
        var divided = globals
        divided.intercept = globals.intercept.scaled(by: share)
        divided.lanes = max(1, lanes)
        restore(divided)
    }

    /// The linear score of a row: logits within ±50, or deviations of the label within ±10,000.
    public borrowing func margin(of row: Int, in batch: ExampleBatch) -> Float {
        var margin = interceptRule.weight(of: globals.intercept)
        for feature in batch.features(of: row) where batch.values[feature].isFinite {
            let slot = batch.slots[feature]
            margin += globals.numbers.scaled(batch.values[feature], slot: slot) * rule.weight(of: slots[Int(slot)])
        }
        return specification.task.clamped(margin)
    }

    /// Whether nothing was ever learnt of a slot.
    public borrowing func isUnlearnt(_ slot: UInt32) -> Bool { slots[Int(slot)].n == 0 }

    /// Whether a value counts as a number, and not as a category that is there.
    public borrowing func isNumber(_ value: Float, slot: UInt32) -> Bool { globals.numbers.isNumber(value, slot: slot) }

    /// The probability of label 1, or the value.
    public borrowing func prediction(of row: Int, in batch: ExampleBatch) -> Float {
        specification.task.prediction(margin: margin(of: row, in: batch), label: globals.label)
    }

    /// Predicts, then learns from the row. Returns the prediction made before learning.
    @discardableResult
    public mutating func learn(_ row: Int, of batch: ExampleBatch) -> Float {
        var reach: Float = 0
        let margin = gather(batch.features(of: row), of: batch, reach: &reach)
        let prediction = specification.task.prediction(margin: margin, label: globals.label)
        let gradient = globals.gradient(
            task: specification.task, margin: margin, prediction: prediction, label: batch.labels[row], weight: batch.weights[row])
        apply(gradient: limited(gradient ?? 0, reach: reach))
        if gradient != nil {
            observeNumbers(batch.features(of: row), of: batch)
            globals.examples += 1
        }
        return prediction
    }
}

extension Learner {
    /// The margin, with the coordinates it was made of in `coordinates` and the bound of its change per unit of gradient in `reach`.
    ///
    /// A slot that occurs twice in one event (two names with one hash, a repeated word) is one coordinate with the sum of the
    /// values; learning it twice would break the influence bound. The second occurrence is recognised by the sign of `n`, which is
    /// never negative otherwise; `apply` takes the marks away.
    private mutating func gather(_ features: Range<Int>, of batch: ExampleBatch, reach: inout Float) -> Float {
        coordinates.removeAll(keepingCapacity: true)
        let interceptRate = interceptRule.rate(root: globals.intercept.n.squareRoot())
        var margin = interceptRule.weight(z: globals.intercept.z, rate: interceptRate)
        reach = interceptRate
        for feature in features where batch.values[feature].isFinite {
            let index = batch.slots[feature]
            let value = globals.numbers.scaled(batch.values[feature], slot: index)
            let slot = slots[Int(index)]
            let root = abs(slot.n).squareRoot()
            let rate = rule.rate(root: root)
            let weight = rule.weight(z: slot.z, rate: rate)
            margin += value * weight
            if slot.n.sign == .minus {
                reach += merge(value, into: Int(index), rate: rate)
            } else {
                slots[Int(index)].n = -slot.n
                coordinates.append(Coordinate(slot: Int(index), value: value, weight: weight, root: root, rate: rate))
                reach += value * value * rate
            }
        }
        return specification.task.clamped(margin)
    }

    /// Adds a value to the coordinate of its slot; returns by how much the reach grows.
    private mutating func merge(_ value: Float, into slot: Int, rate: Float) -> Float {
        guard let position = coordinates.firstIndex(where: { $0.slot == slot }) else { return 0 }
        let before = coordinates[position].value
        coordinates[position].value = before + value
        return ((before + value) * (before + value) - before * before) * rate
    }

    private mutating func limited(_ gradient: Float, reach: Float) -> Float {
        guard abs(gradient) * reach > specification.influence else { return gradient }
        globals.limitedUpdates += 1
        let largest = specification.influence / reach
        return gradient < 0 ? -largest : largest
    }

    /// Updates every coordinate by the gradient of the margin, takes the marks of `gather` away, and marks the pages.
    private mutating func apply(gradient: Float) {
        for coordinate in coordinates {
            let slot = slots[coordinate.slot]
            let partial = gradient * coordinate.value
            guard partial != 0 else {
                slots[coordinate.slot].n = abs(slot.n)
                continue
            }
            slots[coordinate.slot] = rule.updated(
                z: slot.z, n: abs(slot.n), root: coordinate.root, weight: coordinate.weight, gradient: partial)
            dirtyPages[coordinate.slot / Self.slotsPerPage] = true
        }
        guard gradient != 0 else { return }
        let intercept = globals.intercept
        let root = intercept.n.squareRoot()
        globals.intercept = interceptRule.updated(
            z: intercept.z, n: intercept.n, root: root, weight: interceptRule.weight(of: intercept), gradient: gradient)
    }

    private mutating func observeNumbers(_ features: Range<Int>, of batch: ExampleBatch) {
        for feature in features {
            let value = batch.values[feature]
            let slot = batch.slots[feature]
            guard value.isFinite else {
                globals.clippedValues += 1
                continue
            }
            if globals.numbers.isNumber(value, slot: slot), globals.numbers.observe(value, slot: slot) { globals.clippedValues += 1 }
        }
    }
}
