/// A stream that the benchmarks are run on.
public struct BenchmarkStream: Sendable {
    public let name: String
    /// Whether faults are tried on it; otherwise it is only run clean.
    let hasTrials: Bool
    let load: @Sendable () throws -> EventLines

    /// - Parameter load: reads the events; they are forgotten when the stream is done with.
    public init(name: String, load: @escaping @Sendable () throws -> EventLines) {
        self.init(name: name, hasTrials: true, load: load)
    }

    init(name: String, hasTrials: Bool, load: @escaping @Sendable () throws -> EventLines) {
        (self.name, self.hasTrials, self.load) = (name, hasTrials, load)
    }

    /// Click streams: one whose world stands still, for trials, and three whose world changes, to be taken as they are.
    static func generated(seed: UInt64, events: Int = 80_000) -> [BenchmarkStream] {
        ClickStream.Drift.allCases.map { drift in
            BenchmarkStream(name: "clicks-\(drift.rawValue)", hasTrials: drift == .stationary) {
                ClickStream.lines(drift, events: events, seed: seed)
            }
        }
    }
}
