import Inspection
import Learning

/// How many events of a stream that begins to break are read before the inspector's reject rate gives an alarm.
enum AbsorptionTable {
    static let trials = 1_000
    /// Share of broken events → events at the 95th percentile that are allowed.
    static let bars: [(share: Double, events: Int)] = [(1, 10), (0.5, 40), (0.1, 500), (0.05, 2_400)]
    /// So many events that the band stands.
    private static let calm = 67_000
    private static let rows = 1_000
    private static let eventsMost = 50_000

    static func delays(share: Double, seed: UInt64) -> [Int] {
        var random = SplitMix64(seed, share.bitPattern)
        let batch = batch(&random)
        var inspector = Inspector(configuration: InspectionConfiguration(), task: .binary)
        for number in 0..<calm { _ = inspector.observe(number % rows, of: batch) }
        return (0..<trials).map { _ in delay(share: share, in: inspector, batch, &random) }.sorted()
    }

    private static func delay(share: Double, in calm: Inspector, _ batch: ExampleBatch, _ random: inout SplitMix64) -> Int {
        var inspector = calm
        for number in 0..<eventsMost {
            let isBroken = random.happens(share)
            let alarms = isBroken ? inspector.observe(rejected: .notJSON) : inspector.observe(number % rows, of: batch)
            if alarms.contains(where: { $0.family == .rejectRate }) { return number + 1 }
        }
        return eventsMost
    }

    /// Events of two categories and a number, whose time stands still.
    private static func batch(_ random: inout SplitMix64) -> ExampleBatch {
        var batch = ExampleBatch()
        batch.fieldNames = ["country", "device", "price"]
        for _ in 0..<rows {
            batch.appendFeature(slot: UInt32(random.below(8)), value: 1, field: 0)
            batch.appendFeature(slot: UInt32(8 + random.below(4)), value: 1, field: 1)
            batch.appendFeature(slot: 12, value: Float(1 + 9 * random.uniform()), field: 2)
            batch.appendRow(label: random.happens(0.3) ? 1 : 0, weight: 1, time: 0)
        }
        return batch
    }
}
