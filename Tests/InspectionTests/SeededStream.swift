import Learning

/// SplitMix64 (Steele, Lea, Flood 2014): the tests' only randomness, so that a seed says everything.
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

    /// Uniform in 0 ..< 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func happens(_ probability: Double) -> Bool { uniform() < probability }
}

/// One row per event, with the fields named and the value 1.
struct EventBuilder {
    var batch = ExampleBatch()

    init(fields names: [String] = []) { batch.fieldNames = names }

    mutating func add(_ fields: [String], label: Float = 0, value: Float = 1) {
        for name in fields {
            let index = batch.fieldNames.firstIndex(of: name) ?? batch.fieldNames.count
            if index == batch.fieldNames.count { batch.fieldNames.append(name) }
            batch.appendFeature(slot: UInt32(index), value: value, field: UInt16(index))
        }
        batch.appendRow(label: label, weight: 1, time: 0)
    }
}
