import FoundationEssentials

/// Times as answers show them: UTC with milliseconds, `2013-01-01T00:00:00.000Z`.
enum Timestamp {
    /// - Parameter milliseconds: since 1970.
    static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The wall clock, in milliseconds since 1970.
    static func now() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000)
    }
}
