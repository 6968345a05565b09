import CXXHash

/// How names and values become slots.
///
/// The hash of a path is chained over its names, from `hashSeed`: h(a/b) = xxh3_64("b", seed: xxh3_64("a", seed: hashSeed)).
/// A number's slot is its path's hash; a category's is xxh3_64(value, seed: h(path) + 2^64/φ), so that the string "b" at `a` and a number
/// at `a/b` do not meet; both modulo the number of slots. A path that is known costs one hash of the value and nothing else.
///
/// These values are part of every checkpoint's meaning and never change.
enum FeatureHash {
    static func path(_ name: UnsafeRawBufferPointer, below parent: UInt64) -> UInt64 {
        // C reads exactly the buffer's bytes.
        unsafe cxxhash_xxh3_64(name.baseAddress, name.count, parent)
    }

    static func identity(_ id: UnsafeRawBufferPointer) -> UInt64 {
        unsafe cxxhash_xxh3_64(id.baseAddress, id.count, 0)
    }

    static func category(_ value: UnsafeRawBufferPointer, at path: UInt64) -> UInt64 {
        unsafe cxxhash_xxh3_64(value.baseAddress, value.count, path &+ 0x9E37_79B9_7F4A_7C15)
    }
}
