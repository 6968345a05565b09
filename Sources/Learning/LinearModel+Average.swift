extension LinearModel {
    /// The model whose margin (binary) or value (regression) is the mean of those of `models`, which share one specification.
    ///
    /// Each model standardises numbers by its own running scales, so what is averaged are the lines x ↦ weight · (x − mean)/deviation;
    /// the result is a line again, with the averages of the scales. It is exact while no number is clipped, and while every model has
    /// a scale for the number or none has.
    public static func average(_ models: [LinearModel]) -> LinearModel {
        guard var result = models.first else { preconditionFailure("there is no average of no models") }
        precondition(models.allSatisfy { $0.specification == result.specification }, "models of one specification can be averaged")
        guard models.count > 1 else { return result }
        result.averageLabel(models)
        let shares = models.map { $0.share(in: result) / Float(models.count) }
        result.intercept = zip(models, shares).reduce(0) { $0 + $1.0.intercept * $1.1 }
        result.averageWeights(models, shares)
        result.averageNumbers(models, shares)
        return result
    }

    private mutating func averageLabel(_ models: [LinearModel]) {
        guard specification.task == .regression else { return }
        let count = Double(models.count)
        label = RunningScale(
            mean: models.reduce(0) { $0 + $1.label.mean } / count, deviation: models.reduce(0) { $0 + $1.label.deviation } / count)
    }

    /// What a margin of this model is in margins of `result`, whose unit is another deviation of the label in a regression.
    private func share(in result: LinearModel) -> Float {
        guard specification.task == .regression else { return 1 }
        return result.label.deviation > 0 ? Float(label.deviation / result.label.deviation) : 0
    }

    private mutating func averageWeights(_ models: [LinearModel], _ shares: [Float]) {
        for slot in weights.indices {
            weights[slot] = zip(models, shares).reduce(0) { $0 + $1.0.weights[slot] * $1.1 }
        }
    }

    private mutating func averageNumbers(_ models: [LinearModel], _ shares: [Float]) {
        numbers = NumberScales()
        offsets = []
        for entry in models.flatMap(\.numbers.entries) where numbers.position(of: entry.slot) == nil {
            let lines = zip(models, shares).map { $0.line(slot: entry.slot, share: $1) }
            let varying = lines.filter { $0.deviation > 0 }
            guard !varying.isEmpty, numbers.append(.init(slot: entry.slot, scale: Self.averageScale(varying))) else { continue }
            let scale = numbers.entries[numbers.entries.count - 1].scale
            weights[Int(entry.slot)] = Float(varying.reduce(0) { $0 + $1.weight / $1.deviation } * scale.deviation)
            offsets.append(
                Float(lines.reduce(0) { $0 + ($1.deviation > 0 ? $1.weight * (scale.mean - $1.mean) / $1.deviation : $1.weight) }))
        }
    }

    private static func averageScale(_ lines: [Line]) -> RunningScale {
        let count = Double(lines.count)
        return RunningScale(
            mean: lines.reduce(0) { $0 + $1.mean } / count, deviation: lines.reduce(0) { $0 + $1.deviation } / count)
    }

    /// The share of one model in a number's part of the margin: weight · (x − mean)/deviation, or the weight alone while the number
    /// has not varied there.
    private struct Line {
        var weight: Double
        var mean: Double
        var deviation: Double
    }

    private func line(slot: UInt32, share: Float) -> Line {
        let weight = Double(weights[Int(slot)] * share)
        guard let position = numbers.position(of: slot) else { return Line(weight: weight, mean: 0, deviation: 0) }
        let scale = numbers.entries[position].scale
        return Line(weight: weight, mean: scale.mean, deviation: scale.deviation)
    }
}
