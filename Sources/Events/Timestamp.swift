/// Times as events write them, in milliseconds since 1970-01-01T00:00:00Z.
enum Timestamp {
    /// 100,000,000 days either side of 1970, as in ECMAScript: sums and differences of times cannot overflow.
    static let bounds: ClosedRange<Int64> = -8_640_000_000_000_000...8_640_000_000_000_000

    static func milliseconds(_ number: Double) -> Int64? {
        // All integers within the bounds are doubles.
        guard let time = Int64(exactly: number), bounds.contains(time) else { return nil }
        return time
    }

    /// `2013-01-01T05:15:00Z`, `2013-01-01 05:15:00.250+01:00`: RFC 3339, the zone required, digits after the third cut off.
    static func milliseconds(iso8601 bytes: UnsafeRawBufferPointer) -> Int64? {
        // The longest form has 35 bytes with nine digits of fraction; more digits say nothing.
        guard bytes.count <= 40 else { return nil }
        var text = unsafe Reader(bytes)
        guard let year = text.digits(4), text.take("-"), let month = text.digits(2), text.take("-"), let day = text.digits(2),
            text.take("T") || text.take("t") || text.take(" "),
            let hour = text.digits(2), text.take(":"), let minute = text.digits(2), text.take(":"), let second = text.digits(2),
            let fraction = text.fraction(), let offset = text.zone(), text.isAtEnd
        else { return nil }
        guard (1...12).contains(month), (1...daysOf(month, year)).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
        let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset
        // A leap second is the first one of the next minute.
        return (minutes * 60 + second) * 1_000 + fraction
    }

    private static func daysOf(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 in the proleptic Gregorian calendar, counted in years that begin in March so that leap days come last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 + 400 : year + 400
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era - 1) * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp {
    /// Safe: it lives within the call that was lent the bytes, and looks at none beyond `count`.
    @safe private struct Reader {
        private let bytes: UnsafeRawBufferPointer
        private var position = 0

        init(_ bytes: UnsafeRawBufferPointer) {
            unsafe self.bytes = unsafe bytes
        }

        var isAtEnd: Bool { unsafe position == bytes.count }

        private mutating func next(where isWanted: (UInt8) -> Bool) -> UInt8? {
            guard unsafe position < bytes.count, unsafe isWanted(bytes[position]) else { return nil }
            defer { position += 1 }
            return unsafe bytes[position]
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            next { $0 == UInt8(ascii: character) } != nil
        }

        private mutating func digit() -> Int64? {
            next { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.map { Int64($0 - UInt8(ascii: "0")) }
        }

        mutating func digits(_ count: Int) -> Int64? {
            var number: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        /// Milliseconds; 0 without a fraction, nil for a point without digits.
        mutating func fraction() -> Int64? {
            guard take(".") || take(",") else { return 0 }
            guard var milliseconds = digit() else { return nil }
            milliseconds *= 100
            var unit: Int64 = 10
            while let digit = digit() {
                milliseconds += digit * unit
                unit /= 10
            }
            return milliseconds
        }

        /// Minutes east of Greenwich.
        mutating func zone() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64 = take("+") ? 1 : -1
            guard sign == 1 || take("-"), let hours = digits(2) else { return nil }
            _ = take(":")
            guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}
