/// A value as it is counted: a number rounded down to a quarter of an octave, or a category by its slot.
enum ValueKey {
    private static let categories: UInt32 = 1 << 31

    static func number(_ value: Float) -> UInt32 { value.bitPattern >> 21 }

    static func category(_ slot: UInt32) -> UInt32 { (slot &* 0x85EB_CA6B) | categories }

    static func isCategory(_ key: UInt32) -> Bool { key & categories != 0 }
}
