import Foundation

/// A stream of visits to a flower shop, each labelled with whether it ended in a purchase. What people want drifts, so a frozen model ages.
struct FlowerShop {
    private var random: SplitMix64
    private static let flowers = ["rose", "tulip", "lily", "peony", "dahlia", "orchid", "daisy", "iris"]
    private static let countries = ["NL", "DE", "FR", "IT", "ES", "PL", "SE", "JP"]
    private static let devices = ["phone", "laptop", "tablet"]

    /// What is wrong with the events at the moment.
    enum Trouble: Equatable, Sendable {
        case none
        /// One event in a hundred is broken.
        case brokenRecords
        /// A deployment lost the price.
        case priceMissing
    }

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// - Parameter season: 0 … 1; tastes turn with it.
    mutating func visit(at time: Int64, season: Double, trouble: Trouble) -> String {
        let flower = Int(random.next() % 8)
        let country = Int(random.next() % 8)
        let device = Int(random.next() % 3)
        let price = (5 + 55 * random.unit() * random.unit()).rounded()
        let taste = cos(2 * Double.pi * (Double(flower) / 8 - season)) * 2
        let score = -0.6 + taste - price / 25 + (device == 1 ? 0.4 : 0) + (country % 2 == 0 ? 0.3 : -0.3)
        let bought = random.unit() < 1 / (1 + exp(-score)) ? 1 : 0
        if trouble == .brokenRecords, random.unit() < 0.01 { return broken(at: time) }
        let priceField = trouble == .priceMissing ? "" : "\"price\":\(price),"
        return """
            {"ts":\(time),"label":\(bought),"features":{\(priceField)"flower":"\(Self.flowers[flower])",\
            "country":"\(Self.countries[country])","device":"\(Self.devices[device])"}}
            """
    }

    private mutating func broken(at time: Int64) -> String {
        switch random.next() % 4 {
        case 0: "{\"ts\":\(time),\"label\":1,\"features\":{\"price\":12"
        case 1: "{\"ts\":\(time),\"features\":{\"price\":12,\"flower\":\"rose\"}}"
        case 2: "{\"ts\":\(time),\"label\":\"yes\",\"features\":{\"price\":12}}"
        default: "{\"ts\":\(time),\"label\":0,\"features\":{\"price\":1e400,\"flower\":\"rose\"}}"
        }
    }
}

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// In [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
