/// From a decoder's field indexes to positions in the profile, matched by name.
///
/// Decoders number fields as they meet them, so two decoders, or one before and after a restart, may number them differently. The map
/// keeps the array of names it was made for; while a batch brings that same array (the same storage, which nobody can have changed
/// as the map holds it too), it is good, and that is one comparison of addresses a row. It is a cache and no part of the value:
/// neither compared nor written.
struct FieldMap: Sendable {
    /// A name that has not appeared in an event yet.
    static let unmet = -1
    /// A field beyond the profile's limits.
    static let unprofiled = -2

    private(set) var names: [String] = []
    private var positions: [Int] = []
    /// The profile's fields by name, as far as they were met by this map.
    private var known: [String: Int] = [:]
    /// Per field of the profile: the feature that had it in the event observed last, in the event's batch.
    private(set) var lastFeatures: [Int] = []
    /// Whether the event observed last had a field that none before had.
    var hadNewField = false

    func describes(_ other: [String]) -> Bool {
        guard other.count == names.count else { return false }
        return unsafe names.withUnsafeBufferPointer { mine in
            unsafe other.withUnsafeBufferPointer { theirs in unsafe mine.baseAddress == theirs.baseAddress }
        }
    }

    func position(of index: Int) -> Int { index < positions.count ? positions[index] : Self.unprofiled }

    mutating func note(feature: Int, of field: Int) {
        while lastFeatures.count <= field { lastFeatures.append(0) }
        lastFeatures[field] = feature
    }

    mutating func set(_ position: Int, for index: Int) {
        positions[index] = position
        if position >= 0 { known[names[index]] = position }
    }

    /// Makes the map for another array of names; names that were only appended to keep their positions.
    mutating func describe(_ other: [String], fields: [FieldProfile]) {
        if known.count != fields.count {
            known = Dictionary(zip(fields.map(\.name), fields.indices), uniquingKeysWith: { first, _ in first })
        }
        let isExtension = other.starts(with: names)
        if !isExtension { positions.removeAll(keepingCapacity: true) }
        for name in other[positions.count...] { positions.append(known[name] ?? Self.unmet) }
        names = other
    }
}

extension FieldMap: Equatable {
    static func == (left: FieldMap, right: FieldMap) -> Bool { true }
}
