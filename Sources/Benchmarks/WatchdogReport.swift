import Inspection

/// What a campaign has found; `bars` says whether it is enough.
public struct WatchdogReport: Encodable, Sendable {
    /// A stream run without any fault.
    public struct Clean: Encodable, Sendable {
        public let stream: String
        public let events: Int
        /// Detector → alarms that froze, all of them false, and alarms that only alert.
        public let falseFreezes: [String: Int]
        public let alerts: [String: Int]
        /// The lane was bit for bit the plain learner.
        public let isExact: Bool

        init(_ stream: PreparedStream) {
            (self.stream, events, isExact) = (stream.name, stream.lines.count, stream.isExact)
            falseFreezes = Self.counts(stream.freezes)
            alerts = Self.counts(stream.alerts)
        }

        private static func counts(_ sightings: [PreparedStream.Sighting]) -> [String: Int] {
            sightings.reduce(into: [:]) { $0[$1.detector, default: 0] += 1 }
        }
    }

    /// One rate in simulated months.
    public struct Month: Encodable, Sendable {
        public let detector: String
        public let rate: Double
        /// Whether its alarms freeze.
        public let freezes: Bool
        /// Of each month.
        public let falseAlarms: [Int]
        public let mean: Double

        init(_ course: MonthSimulation.Course, falseAlarms: [Int]) {
            (detector, rate, freezes) = (course.name, course.rate, course.family.defaultAction == .freeze)
            self.falseAlarms = falseAlarms
            mean = falseAlarms.isEmpty ? 0 : Double(falseAlarms.reduce(0, +)) / Double(falseAlarms.count)
        }
    }

    /// Events read before the reject rate gives an alarm.
    public struct Absorption: Encodable, Sendable {
        public let share: Double
        public let trials: Int
        public let median: Int
        public let percentile95: Int
        public let allowed: Int

        /// - Parameter delays: ascending.
        init(share: Double, delays: [Int], allowed: Int) {
            (self.share, trials, self.allowed) = (share, delays.count, allowed)
            (median, percentile95) = (delays.percentile(0.5), delays.percentile(0.95))
        }
    }

    /// A promise, and whether it was kept.
    public struct Bar: Encodable, Sendable {
        public let promise: String
        public let found: String
        public let isMet: Bool
    }

    public let seed: UInt64
    /// Events a second of the simulated feed.
    public let rate: Double
    public internal(set) var clean: [Clean] = []
    public internal(set) var trials: [TrialResult] = []
    public internal(set) var months: [Month] = []
    public internal(set) var absorption: [Absorption] = []
    public internal(set) var bars: [Bar] = []
    public internal(set) var seconds = 0.0

    init(seed: UInt64, rate: Double) { (self.seed, self.rate) = (seed, rate) }

    public var missed: [Bar] { bars.filter { !$0.isMet } }
}

extension [Int] {
    /// Of an ascending list; 0 of an empty one.
    func percentile(_ share: Double) -> Int {
        isEmpty ? 0 : self[Swift.min(count - 1, Swift.max(0, Int((share * Double(count)).rounded(.up)) - 1))]
    }
}
