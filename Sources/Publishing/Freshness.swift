import HTTPTypes

/// What every answer says about the model it came from.
struct Freshness: Encodable, Equatable, Sendable {
    let version: String
    let ageSeconds: Double
    let inputWatermark: String
    let stale: Bool

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - staleAfter: the age in milliseconds from which a version counts as stale.
    init(of served: ServedModel, now: Int64, staleAfter: Int64) {
        // A publisher whose clock runs behind the trainer's must not claim a negative age.
        let age = max(0, now - served.snapshot.createdAt)
        version = served.version
        ageSeconds = Double(age) / 1_000
        inputWatermark = served.inputWatermark
        stale = age > staleAfter || served.snapshot.gate.state == .frozen
    }

    var headers: HTTPFields {
        [
            .freshetVersion: version,
            .freshetAgeSeconds: String(ageSeconds),
            .freshetInputWatermark: inputWatermark,
            .freshetStale: String(stale),
        ]
    }
}

extension HTTPField.Name {
    // The names are constants of ours, and valid: initialising them cannot fail.
    static let freshetVersion = Self("freshet-version")!
    static let freshetAgeSeconds = Self("freshet-age-seconds")!
    static let freshetInputWatermark = Self("freshet-input-watermark")!
    static let freshetStale = Self("freshet-stale")!
}
