import Learning

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// About normal, as a sum of twelve uniform numbers.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) } }
}

/// One event as a test writes it.
struct TestEvent {
    var features: [(slot: UInt32, value: Float)]
    var label: Float
    var weight: Float = 1
}

extension ExampleBatch {
    init(_ events: [TestEvent]) {
        self.init()
        for event in events { append(event) }
    }

    mutating func append(_ event: TestEvent) {
        for feature in event.features { appendFeature(slot: feature.slot, value: feature.value, field: 0) }
        appendRow(label: event.label, weight: event.weight, time: 0)
    }
}

extension TestEvent {
    /// A stream with known weights: six categories of ten values each in slots 0 to 59, and three numbers, in raw units, in slots 60
    /// to 62.
    static func stream(_ task: PredictionTask, count: Int, seed: UInt64, unit: Double = 1) -> [TestEvent] {
        var generator = SeededGenerator(seed: seed)
        let truth = (0..<63).map { _ in generator.normal() * 0.6 }
        let numbers = [(mean: 1012.0, deviation: 7.0), (mean: 0.4, deviation: 0.2), (mean: -30_000.0, deviation: 900.0)]
        return (0..<count).map { _ in
            var features: [(slot: UInt32, value: Float)] = []
            var margin = -0.5
            for field in 0..<6 {
                let slot = field * 10 + Int.random(in: 0..<10, using: &generator)
                features.append((UInt32(slot), 1))
                margin += truth[slot]
            }
            for (index, number) in numbers.enumerated() {
                let position = generator.normal()
                features.append((UInt32(60 + index), Float(number.mean + number.deviation * position)))
                margin += truth[60 + index] * position
            }
            let uniform = Double.random(in: 0..<1, using: &generator)
            let noise = generator.normal() * 0.3
            switch task {
            case .binary: return TestEvent(features: features, label: uniform * (1 + (-margin).exponential) < 1 ? 1 : 0)
            case .regression: return TestEvent(features: features, label: Float(unit * (margin + noise + 5)))
            }
        }
    }
}
