/// What a feed usually brings at which hour of the week, so that a quiet night is no outage.
///
/// Silence is measured in *usual seconds*: a second of an hour that usually brings half as much counts half, and one of an hour that
/// usually brings nothing counts nothing. Every hour of the week (UTC) remembers its last two weeks. What is expected of it is the lesser
/// of the two, and of its neighbours too, so that a shop may open late and summer time may begin; an hour that is not clearly different
/// from the others is one like the others. Before an hour was seen, the same hour of other days speaks for it, and before any was, all are
/// alike.
///
/// The wall clock only says which hour it is. It is passed in, in milliseconds since 1970.
struct ArrivalModel: Equatable, Sendable {
    static let hoursOfWeek = 168
    private static let millisecondsOfHour: Int64 = 3_600_000
    /// An hour that was watched for less teaches nothing.
    private static let leastWatched = 1800.0
    /// An hour is unlike the others when its count is so many standard deviations (of a Poisson count) away from theirs.
    private static let clearly = 4.0
    /// A second of the busiest hour counts for no more than this.
    private static let greatestPace = 4.0
    /// Of anything in an hour; more is cut.
    fileprivate static let mostOfHour = 1_000_000_000_000

    /// What one hour brought, in the two weeks watched last.
    struct Hour: Equatable, Sendable {
        /// How often the end of the feed moved, scaled to a whole hour; the newest week first.
        var moves: [Int]
        /// How many records came.
        var records: [Int]
        /// It was a stall last week. A second time in a row it is the rhythm.
        var isDoubted = false

        var leastMoves: Double { Double(moves.min() ?? 0) }
    }

    /// By the hour of the week, the first of them that of 1 January 1970; nil as long as it was not watched.
    private(set) var hours: [Hour?] = []
    /// The usual seconds of a second, by the hour; empty while nothing is known.
    private var paces: [Double] = []
    private var watched = Watched()

    /// The hour that is running.
    private struct Watched: Equatable, Sendable {
        var hour: Int?
        var seconds = 0.0
        var moves = 0
        var records: Int64 = 0
        var isStalled = false
    }

    init() {}

    // MARK: - Measuring

    /// - Parameters:
    ///   - seconds: by the clock.
    ///   - wall: when they ended; nil while no wall clock was told.
    func usual(_ seconds: Double, until wall: Int64?) -> Double {
        guard !paces.isEmpty, let wall else { return seconds }
        var (rest, end, sum) = (seconds, wall, 0.0)
        // More than a week is reckoned as it comes.
        for _ in 0...Self.hoursOfWeek where rest > 0 {
            let start = end - 1 - Self.remainder(end - 1, Self.millisecondsOfHour)
            let part = min(rest, Double(end - start) / 1000)
            sum += part * paces[Self.hour(of: end - 1)]
            (rest, end) = (rest - part, start)
        }
        return sum + rest
    }

    /// The least and the most records a second that are usual at this time; nil for an hour of the week that was never watched.
    func records(at wall: Int64) -> ClosedRange<Double>? {
        guard !hours.isEmpty, hours[Self.hour(of: wall)] != nil else { return nil }
        let counts = around(Self.hour(of: wall)).flatMap(\.records).map { Double($0) / 3600 }
        guard let least = counts.min(), let most = counts.max() else { return nil }
        return least...most
    }

    // MARK: - Learning

    /// - Parameters:
    ///   - seconds: since the last call, spent watching; 0 after a pause.
    ///   - moves: 1 if the end of the feed was seen to move.
    ///   - isStalled: the feed counts as stalled now.
    mutating func watch(_ seconds: Double, moves: Int, records: Int64, isStalled: Bool, at wall: Int64) {
        let hour = Self.hour(of: wall)
        if watched.hour != hour {
            learn()
            watched = Watched(hour: hour)
        }
        watched.seconds += seconds
        watched.moves += moves
        watched.records = min(watched.records + records, Int64(Self.mostOfHour))
        if isStalled { watched.isStalled = true }
    }

    private mutating func learn() {
        guard let hour = watched.hour, watched.seconds >= Self.leastWatched else { return }
        if hours.isEmpty { hours = Array(repeating: nil, count: Self.hoursOfWeek) }
        let scale = 3600 / watched.seconds
        let moves = min(Int((Double(watched.moves) * scale).rounded()), Self.mostOfHour)
        let records = min(Int((Double(watched.records) * scale).rounded()), Self.mostOfHour)
        if let known = hours[hour], watched.isStalled, !known.isDoubted {
            hours[hour]?.isDoubted = true
        } else {
            let known = hours[hour]
            hours[hour] = Hour(
                moves: [moves] + (known?.moves.prefix(1) ?? []), records: [records] + (known?.records.prefix(1) ?? []))
        }
        paces = reckonPaces()
    }

    private func reckonPaces() -> [Double] {
        let least = hours.map { $0?.leastMoves }
        let seen = least.compactMap { $0 }
        // The rate at a typical arrival's hour: hours without any do not lower it.
        let sum = seen.reduce(0, +)
        guard sum > 0 else { return [] }
        let typical = seen.reduce(0) { $0 + $1 * $1 } / sum
        let own = least.map { moves in moves.map { pace($0, typical: typical) } }
        return own.indices.map { hour in
            let known = own[hour] == nil ? sameHour(hour).compactMap { own[$0] } : neighbours(hour).compactMap { own[$0] }
            return known.min() ?? 1
        }
    }

    private func pace(_ moves: Double, typical: Double) -> Double {
        let isUnlike = abs(moves - typical) > Self.clearly * typical.squareRoot()
        return isUnlike ? min(moves / typical, Self.greatestPace) : 1
    }

    private func around(_ hour: Int) -> [Hour] { neighbours(hour).compactMap { hours[$0] } }

    private func neighbours(_ hour: Int) -> [Int] { [-1, 0, 1].map { (hour + $0 + Self.hoursOfWeek) % Self.hoursOfWeek } }

    private func sameHour(_ hour: Int) -> [Int] { (0..<7).map { ($0 * 24 + hour) % Self.hoursOfWeek } }

    private static func hour(of wall: Int64) -> Int {
        Int(remainder((wall - remainder(wall, millisecondsOfHour)) / millisecondsOfHour, Int64(hoursOfWeek)))
    }

    /// Never negative.
    private static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}

/// What is read back is checked. The hour that was running is forgotten.
extension ArrivalModel: Codable {
    private enum CodingKeys: String, CodingKey { case hours }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        hours = try container.decode([Hour?].self, forKey: .hours)
        guard hours.isEmpty || hours.count == Self.hoursOfWeek else {
            throw DecodingError.dataCorruptedError(
                forKey: .hours, in: container, debugDescription: "a week has \(Self.hoursOfWeek) hours, not \(hours.count)")
        }
        if !hours.isEmpty { paces = reckonPaces() }
    }
}

/// As a list of numbers, since there are many: the moves and the records of both weeks (−1 for one that was not watched), and the doubt.
extension ArrivalModel.Hour: Codable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for counts in [moves, records] {
            for week in 0..<2 { try container.encode(counts.indices.contains(week) ? counts[week] : -1) }
        }
        try container.encode(isDoubted ? 1 : 0)
    }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        var numbers: [Int] = []
        while !container.isAtEnd, numbers.count < 6 { numbers.append(try container.decode(Int.self)) }
        let areSound = numbers.count == 5 && numbers.allSatisfy { (-1...ArrivalModel.mostOfHour).contains($0) }
        guard areSound, numbers[0] >= 0, numbers[2] >= 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "an hour is two counts of two kinds, and a doubt")
        }
        moves = numbers[0..<2].filter { $0 >= 0 }
        records = numbers[2..<4].filter { $0 >= 0 }
        isDoubted = numbers[4] == 1
    }
}
