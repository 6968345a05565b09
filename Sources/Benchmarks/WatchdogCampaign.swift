/// The campaign of the watchdog: every kind of fault at every severity and at seeded moments of several streams, each against the real engine,
/// inspector and clearance; the same streams without faults; simulated months; and how much is read before a break is noticed.
public struct WatchdogCampaign: Sendable {
    public struct Configuration: Sendable {
        public var seed: UInt64 = 1
        /// Only faults whose names contain one of these; all of them if there is none.
        public var faults: [String] = []
        /// Events a second of the simulated feed.
        public var rate = 1_000.0
        /// Simulated months; none if 0.
        public var months = 5
        /// Trials that are run at a time.
        public var jobs = 1
        /// Moments of each stream that each fault begins at.
        public var moments = 3

        public init() {}
    }

    private let configuration: Configuration
    private let kinds: [FaultKind]

    public init(_ configuration: Configuration) throws(BenchmarkFailure) {
        self.configuration = configuration
        let wanted = configuration.faults
        kinds = FaultKind.allCases.filter { kind in wanted.isEmpty || wanted.contains { kind.rawValue.contains($0) } }
        guard !kinds.isEmpty else {
            throw BenchmarkFailure(
                "no fault is called like '\(wanted.joined(separator: ","))'; there are "
                    + FaultKind.allCases.map(\.rawValue).joined(separator: ", "))
        }
    }

    /// - Parameters:
    ///   - streams: to be tried beside the generated ones.
    ///   - progress: is told what is done next.
    public func run(_ streams: [BenchmarkStream], progress: @Sendable (String) -> Void) async throws -> WatchdogReport {
        var report = WatchdogReport(seed: configuration.seed, rate: configuration.rate)
        let clock = ContinuousClock()
        let started = clock.now
        let all = streams + BenchmarkStream.generated(seed: configuration.seed)
        for (number, stream) in all.enumerated() { try await run(stream, number: number, into: &report, progress) }
        progress("simulated months")
        report.months = try await months()
        progress("absorption")
        report.absorption = try await absorption()
        report.seconds = (clock.now - started) / .seconds(1)
        report.judge()
        return report
    }

    // MARK: - Streams

    private func run(
        _ stream: BenchmarkStream, number: Int, into report: inout WatchdogReport, _ progress: @Sendable (String) -> Void
    ) async throws {
        progress("\(stream.name): clean")
        let prepared = try prepare(stream, number: number)
        report.clean.append(WatchdogReport.Clean(prepared))
        guard !prepared.starts.isEmpty else { return }
        let trials = trials(on: number)
        progress("\(stream.name): \(trials.count) trials")
        let results = try await inParallel(trials) { try $0.run(on: prepared) }
        report.trials += results.compactMap { $0 }
    }

    private func prepare(_ stream: BenchmarkStream, number: Int) throws -> PreparedStream {
        try PreparedStream(
            stream.name, try stream.load(), moments: stream.hasTrials ? configuration.moments : 0, rate: configuration.rate,
            random: SplitMix64(configuration.seed, UInt64(number)))
    }

    private func trials(on stream: Int) -> [Trial] {
        var trials: [Trial] = []
        for (number, kind) in kinds.enumerated() {
            for share in kind.shares {
                for moment in 0..<configuration.moments {
                    var seed = SplitMix64(configuration.seed, UInt64(stream), UInt64(number))
                    trials.append(Trial(kind: kind, share: share, moment: moment, seed: seed.next()))
                }
            }
        }
        return trials
    }

    // MARK: - Months, and absorption

    private func months() async throws -> [WatchdogReport.Month] {
        let seed = configuration.seed
        let runs = MonthSimulation.courses.flatMap { course in (0..<configuration.months).map { (course, $0) } }
        let alarms = try await inParallel(runs) { course, month in
            var simulation = MonthSimulation(course, seed: seed &* 1_000 &+ UInt64(month))
            simulation.run()
            return simulation.falseAlarms
        }
        guard configuration.months > 0 else { return [] }
        return MonthSimulation.courses.enumerated().map { number, course in
            let first = number * configuration.months
            return WatchdogReport.Month(course, falseAlarms: Array(alarms[first..<first + configuration.months]))
        }
    }

    private func absorption() async throws -> [WatchdogReport.Absorption] {
        let seed = configuration.seed
        return try await inParallel(AbsorptionTable.bars) { bar in
            WatchdogReport.Absorption(
                share: bar.share, delays: AbsorptionTable.delays(share: bar.share, seed: seed), allowed: bar.events)
        }
    }

    /// The results in the order of the work.
    private func inParallel<Work: Sendable, Outcome: Sendable>(
        _ work: [Work], _ body: @escaping @Sendable (Work) throws -> Outcome
    ) async throws -> [Outcome] {
        let jobs = max(1, configuration.jobs)
        return try await withThrowingTaskGroup(of: [(Int, Outcome)].self) { group in
            for job in 0..<jobs {
                group.addTask {
                    try stride(from: job, to: work.count, by: jobs).map { ($0, try body(work[$0])) }
                }
            }
            var results: [(Int, Outcome)] = []
            for try await part in group { results += part }
            return results.sorted { $0.0 < $1.0 }.map { $0.1 }
        }
    }
}
