import CXXHash

/// An xxh3-128 digest taken piece by piece. Safe to use: the C state has this one owner, which never lets it out.
@safe struct RunningDigest: ~Copyable {
    private let state: CXXHashState

    init() {
        guard let state = unsafe cxxhash_state_create() else { fatalError("no memory for a digest's 576 bytes") }
        unsafe self.state = state
    }

    deinit { unsafe cxxhash_state_free(state) }

    mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe cxxhash_state_update(state, $0.baseAddress, $0.count) }
    }

    consuming func finish() -> Digest128 {
        let hash = unsafe cxxhash_state_digest(state)
        return Digest128(high: hash.high, low: hash.low)
    }
}
