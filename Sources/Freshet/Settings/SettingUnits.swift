import Foundation

/// Durations as people write them: one whole number and one unit.
enum Durations {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = units.first(where: { $0.name == text.dropFirst(digits.count) }) else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// In the largest unit that leaves a whole number.
    static func shown(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "0s" }
        let unit = units.last { milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// Sizes as people write them: one whole number and a binary unit.
enum Sizes {
    private static let units: [(name: String, bytes: Int)] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), let unit = units.first(where: { $0.name == text.dropFirst(digits.count) }) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    static func shown(_ bytes: Int) -> String {
        let unit = units.last { bytes % $0.bytes == 0 } ?? units[0]
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}

/// Points in time as ISO 8601 writes them. A time without a zone is refused, because it means another moment on another machine.
enum Times {
    static func milliseconds(_ text: String) -> Int64? {
        let shape = /([0-9]{4}-[0-9]{2}-[0-9]{2})(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2}))?/
        guard let match = text.wholeMatch(of: shape) else { return nil }
        let midnight = "\(match.1)T00:00:00Z"
        // 30 February is read as 2 March: only a day that is written again as it was is one.
        guard let day = try? Date.ISO8601FormatStyle().parse(midnight), day.formatted(.iso8601) == midnight else { return nil }
        if match.2 == nil { return milliseconds(day) }
        return (try? Date.ISO8601FormatStyle(includingFractionalSeconds: match.4 != nil).parse(text)).map(milliseconds)
    }

    private static func milliseconds(_ date: Date) -> Int64 {
        Int64((date.timeIntervalSince1970 * 1_000).rounded())
    }

    static func shown(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}
