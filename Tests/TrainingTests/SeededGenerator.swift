import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): the tests' only randomness, so that a seed says everything.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// True `percent` times in a hundred.
    mutating func happens(_ percent: UInt64) -> Bool { next() % 100 < percent }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Which seeds a property test runs.
enum Seeds {
    /// `FRESHET_SEED=n` runs one seed again and prints what happened in it.
    static var isReplay: Bool { ProcessInfo.processInfo.environment["FRESHET_SEED"] != nil }

    /// `FRESHET_SEED` names the one to look at again; `FRESHET_SEEDS` asks for so many times more of them, `FRESHET_SEED_FROM` for others.
    static func upTo(_ count: UInt64) -> Range<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["FRESHET_SEED"].flatMap(UInt64.init) { return seed..<seed + 1 }
        let first = environment["FRESHET_SEED_FROM"].flatMap(UInt64.init) ?? 0
        return first..<first + count * (environment["FRESHET_SEEDS"].flatMap(UInt64.init) ?? 1)
    }
}
