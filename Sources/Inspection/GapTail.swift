/// The largest gaps of the last days, and how long a gap chance makes of them: peaks over a threshold.
///
/// Above a high threshold u the excess of almost any distribution is nearly a generalised Pareto one (Pickands, "Statistical inference
/// using extreme order statistics", 1975). Its shape ξ and scale σ are fitted by probability-weighted moments (Hosking and Wallis,
/// "Parameter and quantile estimation for the generalized Pareto distribution", 1987), which needs no search and always answers.
///
/// Gaps are kept for between three and a half and seven days of observation: of two half weeks, the running one and the one before it,
/// each keeps its own largest, so that none is missing above the greater of the two smallest.
struct GapTail: Equatable, Sendable {
    struct HalfWeek: Codable, Equatable, Sendable {
        /// Ascending, in milliseconds: rounded, so that a manifest stays small.
        var largest: [Int64] = []
        /// Of all gaps, kept or not.
        var count = 0
        var seconds = 0.0
    }

    static let secondsOfHalfWeek = 302_400.0
    /// Of a feed; a partition of it keeps fewer.
    static let capacityOfFeed = 256
    static let capacityOfPartition = 64
    /// A fit rests on the top thousandth of the gaps, on so many at least.
    private static let shareOfFit = 0.001
    private static let leastOfFit = 30
    private static let gapsBetweenFits = 256
    /// How many times the longest gap seen a fit may ask for: what thirty gaps tell of one in a hundred million is little.
    private static let boldest = 10.0
    private static let secondsOfMonth = 2_592_000.0

    let capacity: Int
    private(set) var running = HalfWeek()
    private(set) var before = HalfWeek()
    /// The gap that this feed exceeds 0.05 times a month (30 days), in seconds; 0 while too little is known.
    private(set) var limit = 0.0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// - Parameters:
    ///   - gap: in usual seconds (`ArrivalModel`), finite and above 0.
    ///   - seconds: how long it lasted by the clock.
    mutating func record(_ gap: Double, lasting seconds: Double) {
        guard capacity > 0 else { return }
        running.count += 1
        running.seconds += seconds
        running.keep(Int64(min(gap * 1000, 1e12).rounded()), capacity)
        if (running.count + before.count) % Self.gapsBetweenFits == 0 { limit = fitted() }
        if running.seconds >= Self.secondsOfHalfWeek { (before, running) = (running, HalfWeek()) }
    }

    private func fitted() -> Double {
        // Above both of these, every gap of both half weeks is here.
        let least = [running, before].filter { $0.largest.count == capacity }.compactMap(\.largest.first).max() ?? 0
        let gaps = (before.largest + running.largest).filter { $0 >= least }.sorted(by: >).map { Double($0) / 1000 }
        let (count, seconds) = (running.count + before.count, running.seconds + before.seconds)
        let wanted = max(Self.leastOfFit, min(capacity, Int(Double(count) * Self.shareOfFit)))
        let used = min(wanted, gaps.count - 1)
        guard used >= Self.leastOfFit, seconds > 0 else { return 0 }
        let gapsOfMonth = Double(count) / seconds * Self.secondsOfMonth
        let exceedances = gapsOfMonth * Double(used) / Double(count)
        guard let tail = ParetoTail(ascending: gaps[..<used].reversed().map { $0 - gaps[used] }) else { return 0 }
        return min(gaps[used] + tail.excess(oneIn: exceedances / GapHistory.stallsOfMonth), Self.boldest * gaps[0])
    }
}

extension GapTail.HalfWeek {
    fileprivate mutating func keep(_ gap: Int64, _ capacity: Int) {
        if largest.count == capacity {
            guard let smallest = largest.first, gap > smallest else { return }
            largest.removeFirst()
        }
        let place = largest.firstIndex { $0 >= gap } ?? largest.count
        largest.insert(gap, at: place)
    }
}

/// The generalised Pareto distribution of what exceeds a threshold.
struct ParetoTail: Equatable {
    /// ξ: 0 for an exponential tail, above for a heavier one.
    let shape: Double
    /// σ, in the unit of the excesses.
    let scale: Double

    init(shape: Double, scale: Double) { (self.shape, self.scale) = (shape, scale) }

    /// By probability-weighted moments, with the plotting positions (i − 0.35)/n. Nil where nothing is above 0.
    init?(ascending excesses: [Double]) {
        let count = Double(excesses.count)
        let (first, second) = excesses.enumerated().reduce((0.0, 0.0)) { sums, excess in
            let above = 1 - (Double(excess.offset + 1) - 0.35) / count
            return (sums.0 + excess.element, sums.1 + above * excess.element)
        }
        let (mean, weighted) = (first / count, second / count)
        let difference = mean - 2 * weighted
        guard mean > 0, difference > 0 else { return nil }
        shape = 2 - mean / difference
        scale = 2 * mean * weighted / difference
    }

    /// What one in so many excesses goes beyond; 0 for fewer than one.
    func excess(oneIn number: Double) -> Double {
        guard number > 1 else { return 0 }
        let logarithm = naturalLogarithm(number)
        guard abs(shape) > 1e-6 else { return scale * logarithm }
        return scale / shape * (naturalExponential(min(shape * logarithm, 700)) - 1)
    }
}

/// What is read back is checked, so that no manifest can make a fit trap.
extension GapTail: Codable {
    private enum CodingKeys: String, CodingKey { case capacity, running, before, limit }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        capacity = try container.decode(Int.self, forKey: .capacity)
        running = try container.decode(HalfWeek.self, forKey: .running)
        before = try container.decode(HalfWeek.self, forKey: .before)
        limit = try container.decode(Double.self, forKey: .limit)
        let areSound = [running, before].allSatisfy { $0.isSound(capacity) }
        guard (0...Self.capacityOfFeed).contains(capacity), areSound, limit >= 0, limit.isFinite else {
            throw DecodingError.dataCorruptedError(
                forKey: .running, in: container,
                debugDescription: "the largest gaps are at most \(Self.capacityOfFeed), ascending, none below 0")
        }
    }
}

extension GapTail.HalfWeek {
    fileprivate func isSound(_ capacity: Int) -> Bool {
        let ascend = zip(largest, largest.dropFirst()).allSatisfy { $0 <= $1 }
        return largest.count <= capacity && ascend && (largest.first ?? 0) >= 0 && (largest.last ?? 0) <= 1_000_000_000_000
            && (largest.count...Int(1 << 53)).contains(count) && seconds >= 0 && seconds.isFinite
    }
}
