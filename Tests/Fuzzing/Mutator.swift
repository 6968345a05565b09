/// splitmix64 (Steele, Lea and Flood 2014): the same numbers for the same state everywhere.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Changes a valid input as damage, malice and mistakes do.
struct Mutator {
    var random: Random
    /// What the format is made of.
    let pieces: [[UInt8]]
    /// Other valid inputs.
    let donors: [[UInt8]]
    /// Inputs do not grow past this, so that what they cost can be told from what they should.
    static let maximumBytes = 64 << 10

    mutating func isChosen(oneIn count: Int) -> Bool { count > 0 && Int.random(in: 0..<count, using: &random) == 0 }

    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count <= Self.maximumBytes {
            switch Int.random(in: 0..<9, using: &random) {
            case 0: flipBit(&bytes)
            case 1: replaceByte(&bytes)
            case 2: bytes.removeSubrange(place(in: bytes)...)
            case 3: bytes.removeSubrange(stretch(of: bytes))
            case 4: bytes.insert(contentsOf: Array(bytes[stretch(of: bytes)]), at: place(in: bytes))
            case 5: insertPiece(&bytes)
            case 6: splice(&bytes)
            case 7: lie(&bytes)
            default: nest(&bytes)
            }
        }
    }

    private mutating func place(in bytes: [UInt8]) -> Int { Int.random(in: 0...bytes.count, using: &random) }

    private mutating func stretch(of bytes: [UInt8]) -> Range<Int> {
        let start = place(in: bytes)
        return start..<min(bytes.count, start + Int.random(in: 0...32, using: &random))
    }

    private mutating func flipBit(_ bytes: inout [UInt8]) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    }

    private mutating func replaceByte(_ bytes: inout [UInt8]) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        bytes[index] = .random(in: 0...255, using: &random)
    }

    private mutating func insertPiece(_ bytes: inout [UInt8]) {
        guard let piece = pieces.randomElement(using: &random) else { return }
        bytes.insert(contentsOf: piece, at: place(in: bytes))
    }

    /// The beginning of this one and the end of another.
    private mutating func splice(_ bytes: inout [UInt8]) {
        guard let other = donors.randomElement(using: &random) else { return }
        bytes = Array(bytes[..<place(in: bytes)] + other[place(in: other)...])
    }

    /// A length, count or number that is not true.
    private mutating func lie(_ bytes: inout [UInt8]) {
        let width = [2, 4, 8].randomElement(using: &random) ?? 4
        guard bytes.count >= width else { return }
        let values: [UInt64] = [0, 1, 0x7F, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, .max, UInt64(bytes.count)]
        let value = values.randomElement(using: &random) ?? 0
        // Lengths stand at the beginning more often than anywhere else.
        let last = bytes.count - width
        let start = Int.random(in: 0...(Bool.random(using: &random) ? min(40, last) : last), using: &random)
        for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
    }

    /// One piece again and again: brackets within brackets.
    private mutating func nest(_ bytes: inout [UInt8]) {
        guard let piece = pieces.randomElement(using: &random), !piece.isEmpty else { return }
        let times = [3, 30, 300, 3_000].randomElement(using: &random) ?? 3
        bytes.insert(contentsOf: [[UInt8]](repeating: piece, count: times).joined(), at: place(in: bytes))
    }
}
