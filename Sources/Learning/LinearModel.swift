/// The weights of a learner at one moment, without its optimiser state: what is served. Its predictions equal the learner's bit for
/// bit.
public struct LinearModel: Sendable {
    public let specification: LearnerSpecification

    var weights: [Float]
    var intercept: Float
    var numbers: NumberScales
    var label: RunningScale
    /// What the presence of a number adds besides its weight, in the order of `numbers`; only an average of models has any.
    var offsets: [Float] = []

    init(specification: LearnerSpecification, globals: LearnerGlobals, slots: some Sequence<Slot>) {
        let rule = FTRLRule(specification.ftrl, lanes: globals.lanes)
        self.specification = specification
        weights = slots.map { rule.weight(of: $0) }
        intercept = FTRLRule.intercept(specification.ftrl, lanes: globals.lanes).weight(of: globals.intercept)
        numbers = globals.numbers
        label = globals.label
    }

    /// The model of a checkpoint: its pages, by index, and its globals. A page that is absent was never touched: it holds the initial state.
    public init(specification: LearnerSpecification, globals: LearnerGlobals, pages: [Int: [UInt8]]) throws(LearningError) {
        try specification.validate()
        if let unknown = pages.keys.first(where: { !(0..<specification.pageCount).contains($0) }) {
            throw LearningError(.pageUnknown, "page \(unknown) is not one of the \(specification.pageCount) of this model")
        }
        let untouched = [Slot](repeating: Slot(), count: specification.slotCount / specification.pageCount)
        var slots: [Slot] = []
        slots.reserveCapacity(specification.slotCount)
        for index in 0..<specification.pageCount {
            slots +=
                try pages[index].map { bytes throws(LearningError) in
                    try PageCodec.slots(page: index, from: bytes, of: specification)
                } ?? untouched
        }
        self.init(specification: specification, globals: globals, slots: slots)
    }

    /// Whether every weight is a number; a model that is not must not be served.
    public var isFinite: Bool { intercept.isFinite && weights.allSatisfy(\.isFinite) && offsets.allSatisfy(\.isFinite) }

    /// The linear score of a row; see `Learner.margin`.
    public func margin(of row: Int, in batch: ExampleBatch) -> Float {
        var margin = intercept
        for feature in batch.features(of: row) where batch.values[feature].isFinite {
            let slot = batch.slots[feature]
            margin += numbers.scaled(batch.values[feature], slot: slot) * weights[Int(slot)]
            if !offsets.isEmpty, let position = numbers.position(of: slot) { margin += offsets[position] }
        }
        return specification.task.clamped(margin)
    }

    /// The probability of label 1, or the value.
    public func prediction(of row: Int, in batch: ExampleBatch) -> Float {
        specification.task.prediction(margin: margin(of: row, in: batch), label: label)
    }
}
