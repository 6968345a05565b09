/// The bytes of a page: its slots in order, each 8 bytes.
///
///     0        4        8        12       16
///     ┌────────┬────────┬────────┬────────┬── …
///     │ z of 0 │ n of 0 │ z of 1 │ n of 1 │      IEEE 754 binary32, little-endian
///     └────────┴────────┴────────┴────────┴── …
enum PageCodec {
    static let bytesPerSlot = 8

    static func bytes(of slots: ArraySlice<Slot>) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: slots.count * bytesPerSlot)
        // One store a slot: byte by byte, a checkpoint's megabytes would hold up learning for tens of milliseconds.
        unsafe bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            for slot in slots {
                let word = UInt64(slot.z.bitPattern) | UInt64(slot.n.bitPattern) << 32
                unsafe buffer.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
                offset += bytesPerSlot
            }
        }
        return bytes
    }

    /// The slots of page `index` of a learner; refuses a wrong size and numbers that no learner would have written.
    static func slots(page index: Int, from bytes: [UInt8], of specification: LearnerSpecification) throws(LearningError) -> [Slot] {
        guard index >= 0, index < specification.pageCount else {
            throw LearningError(
                .pageUnknown, "there is no page \(index) in a model of \(specification.pageCount) pages; it belongs to another model")
        }
        let expected = specification.slotsInPage * bytesPerSlot
        guard bytes.count == expected else {
            throw LearningError(
                .pageSizeWrong, "page \(index) has \(bytes.count) bytes instead of \(expected); it is cut off or of another model")
        }
        let slots = decode(bytes)
        if let bad = slots.firstIndex(where: { !$0.isValid }) {
            throw LearningError(
                .pageNotFinite,
                "slot \(bad) of page \(index) is (\(slots[bad].z), \(slots[bad].n)), which no learner writes; restore another version")
        }
        return slots
    }

    private static func decode(_ bytes: [UInt8]) -> [Slot] {
        unsafe bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count, by: bytesPerSlot).map { offset in
                let word = UInt64(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                return Slot(z: Float(bitPattern: UInt32(truncatingIfNeeded: word)), n: Float(bitPattern: UInt32(word >> 32)))
            }
        }
    }
}
