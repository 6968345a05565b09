extension WatchdogReport {
    /// Judges what was measured; what was not run has no bar.
    mutating func judge() {
        bars = cleanBars + trialBars + monthBars + absorptionBars
    }

    private var cleanBars: [Bar] {
        let freezes = clean.flatMap { stream in stream.falseFreezes.map { "\(stream.stream): \($1) × \($0)" } }.sorted()
        let inexact = clean.filter { !$0.isExact }.map(\.stream)
        return [
            Bar(promise: "no clean stream freezes", found: Self.list(freezes), isMet: freezes.isEmpty),
            Bar(promise: "a lane of a clean stream is the plain learner, bit for bit", found: Self.list(inexact), isMet: inexact.isEmpty),
        ]
    }

    private var trialBars: [Bar] {
        guard !trials.isEmpty else { return [] }
        let demanded = trials.filter(\.mustFreeze)
        return [
            bar("after freeze, rollback and resume --skip the model is that of one who never saw the range", of: trials) {
                $0.isExact && !$0.isBeyondRepair
            },
            bar("a fault that must freeze does", of: demanded) { $0.freeze != nil },
            bar("no event of such a fault reaches a version that is served", of: demanded) { $0.poisonServed == 0 },
        ] + partialBar
    }

    /// One field of many is broken in every event, or everything of one source of ten.
    private var partialBar: [Bar] {
        let partial = trials.filter(\.isPartial)
        guard !partial.isEmpty else { return [] }
        let late = partial.filter { ($0.alarm?.events ?? .max) > Self.partialLimit }
        let isMet = Double(late.count) <= Double(partial.count) * Self.partialMissed
        let exceptions = late.map { "\($0.fault) on \($0.stream) at \($0.offset)" }
        return [
            Bar(
                promise: "19 of 20 partial faults are told within \(Self.partialLimit) events",
                found: Self.list(exceptions, of: partial.count),
                isMet: isMet)
        ]
    }

    private static let partialLimit = 5_000
    private static let partialMissed = 0.05

    private var monthBars: [Bar] {
        let freezing = months.filter(\.freezes)
        guard !freezing.isEmpty else { return [] }
        let mean = freezing.reduce(0) { $0 + $1.mean }
        return [Bar(promise: "less than one false freeze a month", found: "\(mean)", isMet: mean < 1)]
    }

    private var absorptionBars: [Bar] {
        absorption.map { row in
            Bar(
                promise: "\(Self.percent(row.share)) broken: at most \(row.allowed) events at the 95th percentile",
                found: "\(row.percentile95)", isMet: row.percentile95 <= row.allowed)
        }
    }

    private func bar(_ promise: String, of trials: [TrialResult], holds: (TrialResult) -> Bool) -> Bar {
        let broken = trials.filter { !holds($0) }.map { "\($0.fault) \(Self.percent($0.share)) on \($0.stream) at \($0.offset)" }
        return Bar(promise: promise, found: Self.list(broken, of: trials.count), isMet: broken.isEmpty)
    }

    /// How many there are, and the first of them.
    private static func list(_ exceptions: [String], of count: Int? = nil) -> String {
        let shown = exceptions.prefix(5).joined(separator: ", ") + (exceptions.count > 5 ? ", …" : "")
        let total = count.map { " of \($0)" } ?? ""
        return exceptions.isEmpty ? "no exception\(total)" : "\(exceptions.count)\(total): \(shown)"
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
