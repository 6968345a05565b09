extension WatchdogReport {
    /// What came of one fault at one severity, on all streams and at all moments.
    public struct Row: Sendable {
        public let fault: String
        public let grade: String
        public let share: Double
        public let trials: Int
        /// Trials that froze, that only had an alert, and that had neither.
        public let frozen: Int
        public let alerted: Int
        public let missed: Int
        /// Detector → trials in which its alarm was the first, the most frequent first.
        public let detectors: [(name: String, trials: Int)]
        /// Of the first alarms, in events, ascending.
        public let delays: [Int]
        /// In seconds, at the 95th percentile.
        public let secondsAt95: Double
        /// The most of any trial.
        public let poisonLearnt: Int
        public let poisonServed: Int
        /// Trials whose model is that of one who never saw what was set aside.
        public let exact: Int
        public let mustFreeze: Bool

        public var medianDelay: Int { delays.percentile(0.5) }
        public var delayAt95: Int { delays.percentile(0.95) }

        fileprivate init(_ trials: [TrialResult], of first: TrialResult, rate: Double) {
            (fault, grade, share, mustFreeze) = (first.fault, first.grade, first.share, first.mustFreeze)
            self.trials = trials.count
            frozen = trials.count { $0.freeze != nil }
            alerted = trials.count { $0.freeze == nil && $0.alarm != nil }
            missed = trials.count { $0.alarm == nil }
            let met: [String: Int] = trials.compactMap(\.alarm).reduce(into: [:]) { $0[Self.family(of: $1.detector), default: 0] += 1 }
            detectors = met.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (name: $0.key, trials: $0.value) }
            delays = trials.compactMap(\.alarm?.events).sorted()
            secondsAt95 = Double(delays.percentile(0.95)) / rate
            poisonLearnt = trials.map(\.poisonLearnt).max() ?? 0
            poisonServed = trials.map(\.poisonServed).max() ?? 0
            exact = trials.count { $0.isExact }
        }

        /// A detector's name without the field.
        private static func family(of detector: String) -> String { String(detector.prefix { $0 != "/" }) }
    }

    /// In the order of the catalogue, the greatest share first.
    public var rows: [Row] {
        var rows: [Row] = []
        for kind in FaultKind.allCases {
            for share in kind.shares {
                let found = trials.filter { $0.fault == kind.rawValue && $0.share == share }
                if let first = found.first { rows.append(Row(found, of: first, rate: rate)) }
            }
        }
        return rows
    }
}
