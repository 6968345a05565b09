import Learning

/// FTRL-Proximal as the paper's Algorithm 1 prints it, in Double and by the plainest possible code, with the standardisation and the
/// label scale as `RunningScale` describes them for values that are never wild. It shares no code with the learner.
struct FTRLReference {
    var task: PredictionTask
    var parameters: FTRLParameters
    var z: [Int: Double] = [:]
    var n: [Int: Double] = [:]
    var scales: [Int: ReferenceScale] = [:]
    var label = ReferenceScale()

    static let intercept = -1

    func weight(_ i: Int) -> Double {
        let lambda1 = i == Self.intercept ? 0 : Double(parameters.lambda1)
        let lambda2 = i == Self.intercept ? 0 : Double(parameters.lambda2)
        let zi = z[i] ?? 0
        if abs(zi) <= lambda1 { return 0 }
        let sign = zi > 0 ? 1.0 : -1.0
        return -(zi - sign * lambda1) / ((Double(parameters.beta) + (n[i] ?? 0).squareRoot()) / Double(parameters.alpha) + lambda2)
    }

    func inputs(_ event: TestEvent) -> [Int: Double] {
        var x = [Self.intercept: 1.0]
        for (slot, value) in event.features {
            let scaled = scales[Int(slot)]?.standardised(Double(value)) ?? (value == 1 ? 1 : (value > 0 ? 1 : value < 0 ? -1 : 0))
            x[Int(slot), default: 0] += scaled
        }
        return x
    }

    func margin(_ event: TestEvent) -> Double { inputs(event).reduce(0) { $0 + $1.value * weight($1.key) } }

    mutating func learn(_ event: TestEvent) {
        let x = inputs(event)
        let margin = margin(event)
        var residual = margin.logistic - Double(event.label)
        if task == .regression {
            let isKnown = label.values.count >= 8
            label.observe(Double(event.label))
            residual = isKnown ? margin - label.standardised(Double(event.label)) : 0
        }
        for (i, xi) in x {
            let g = Double(event.weight) * residual * xi
            let sigma = (((n[i] ?? 0) + g * g).squareRoot() - (n[i] ?? 0).squareRoot()) / Double(parameters.alpha)
            let wi = weight(i)
            z[i, default: 0] += g - sigma * wi
            n[i, default: 0] += g * g
        }
        for (slot, value) in event.features where value != 1 || scales[Int(slot)] != nil {
            scales[Int(slot), default: ReferenceScale()].observe(Double(value))
        }
    }
}

struct ReferenceScale {
    var values: [Double] = []
    var mean = 0.0
    var variance = 0.0

    func standardised(_ value: Double) -> Double {
        if variance == 0 { return value > 0 ? 1 : value < 0 ? -1 : 0 }
        return (value - mean) / variance.squareRoot()
    }

    mutating func observe(_ value: Double) {
        values.append(value)
        if values.count < 8 { return }
        if values.count == 8 {
            let sorted = values.sorted()
            mean = (sorted[3] + sorted[4]) / 2
            let distances = values.map { abs($0 - mean) }.sorted()
            let deviation = distances[..<6].reduce(0, +) / 3
            variance = deviation * deviation
            return
        }
        let count = Double(values.count)
        let distance = value - mean
        mean += distance / count
        variance = (count - 1) / count * (variance + distance * distance / count)
    }
}
