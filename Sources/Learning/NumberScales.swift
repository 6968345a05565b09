/// The running scales of the slots that hold numbers rather than indicators.
///
/// A slot becomes a number when a value other than 1 meets it, so a category, whose value is always 1, costs nothing here. The
/// learner standardises by slot and not by field index, because indices depend on the order in which one decoder met the fields
/// and would mean something else after a restart.
///
/// There are at most `capacity` of them. Numbers beyond that are used as sgn(v) ln(1 + |v|), which needs no state.
struct NumberScales: Equatable, Sendable {
    static let capacity = 1024
    /// Twice the capacity, so that a probe seldom takes a second step.
    private static let indexBits = 11

    struct Entry: Equatable, Sendable {
        var slot: UInt32
        var scale = RunningScale()
    }

    private(set) var entries: [Entry] = []
    /// Open addressing: the position of an entry plus one, or 0.
    private var index = [UInt16](repeating: 0, count: 1 << indexBits)

    /// The value as the linear model takes it. `value` is finite.
    @inline(__always)
    func scaled(_ value: Float, slot: UInt32) -> Float {
        if let position = position(of: slot) { return entries[position].scale.standardised(value) }
        return value == 1 ? 1 : unscaled(value)
    }

    /// Whether the feature is a number, whose scale `observe` would move.
    @inline(__always)
    func isNumber(_ value: Float, slot: UInt32) -> Bool { value != 1 || position(of: slot) != nil }

    /// Takes a finite value of a number in; true when it was so far out that it counted as less.
    mutating func observe(_ value: Float, slot: UInt32) -> Bool {
        if let position = position(of: slot) { return entries[position].scale.observe(value) }
        guard append(Entry(slot: slot)) else { return false }
        return entries[entries.count - 1].scale.observe(value)
    }

    /// The first value of a number has no scale yet: its sign, as for a number that never varied. Only when the table is full
    /// does the logarithm stand in.
    private func unscaled(_ value: Float) -> Float {
        guard entries.count >= Self.capacity else { return value == 0 ? 0 : (value < 0 ? -1 : 1) }
        return signedLogarithm(value)
    }

    @inline(__always)
    func position(of slot: UInt32) -> Int? {
        var probe = Self.start(slot)
        while index[probe] != 0 {
            let position = Int(index[probe]) - 1
            if entries[position].slot == slot { return position }
            probe = (probe + 1) & (1 << Self.indexBits - 1)
        }
        return nil
    }

    /// False when there is no room.
    mutating func append(_ entry: Entry) -> Bool {
        guard entries.count < Self.capacity else { return false }
        entries.append(entry)
        var probe = Self.start(entry.slot)
        while index[probe] != 0 { probe = (probe + 1) & (1 << Self.indexBits - 1) }
        index[probe] = UInt16(entries.count)
        return true
    }

    /// Fibonacci hashing: slots of small models are small numbers.
    @inline(__always)
    private static func start(_ slot: UInt32) -> Int { Int((slot &* 0x9E37_79B1) >> UInt32(32 - indexBits)) }
}

/// Written as the list of entries, each an object of slot and scale; the index follows from them.
extension NumberScales: Codable {
    init(from decoder: any Decoder) throws {
        let decoded = try [Entry](from: decoder)
        self.init()
        for entry in decoded {
            guard position(of: entry.slot) == nil, append(entry) else {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: decoder.codingPath,
                        debugDescription: "slot \(entry.slot) is there twice, or more than \(Self.capacity) numbers have scales"))
            }
        }
    }

    func encode(to encoder: any Encoder) throws { try entries.encode(to: encoder) }
}

extension NumberScales.Entry: Codable {}
