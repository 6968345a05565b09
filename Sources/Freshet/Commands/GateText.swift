import Inspection
import Supervision

/// The gate as a person reads it: why it is frozen, on which evidence, which events are in doubt, and what was done.
enum GateText {
    private static let indent = "             "

    static func lines(_ gate: ProcessStatus.GateStatus) -> [String] {
        var lines = ["  gate       \(gate.state)"]
        for cause in gate.causes {
            lines.append("\(indent)\(cause.kind): \(cause.detail) (resume: \(cause.resume))")
            let particulars = [by(cause), evidence(cause), deed(cause)].compactMap(\.self)
            if !particulars.isEmpty { lines.append("\(indent)  \(particulars.joined(separator: "; "))") }
        }
        for range in gate.ranges ?? [] {
            lines.append("\(indent)in doubt: offsets \(range.from) to \(range.to) of \(range.topic)[\(range.partition)]")
        }
        if let run = gate.cleanRun {
            lines.append("\(indent)goes on by itself once \(RecoveryWatch.cleanEvents) events in a row were clean; so far: \(run)")
        }
        if let expected = gate.expectation {
            let author = by(expected.author, expected.reason)
            lines.append("\(indent)a change is expected until event time \(Times.shown(expected.until)), \(author)")
        }
        return lines
    }

    private static func by(_ cause: ProcessStatus.Cause) -> String? {
        // Of a freeze by hand the reason is the detail.
        cause.author.map { by($0, cause.reason == cause.detail ? nil : cause.reason) }
    }

    private static func by(_ author: String, _ reason: String?) -> String {
        guard let reason, !reason.isEmpty else { return "by \(author)" }
        return "by \(author): \(reason)"
    }

    private static func evidence(_ cause: ProcessStatus.Cause) -> String? {
        guard let evidence = cause.evidence, let threshold = cause.threshold else { return nil }
        return "evidence \(rounded(evidence)) of \(rounded(threshold))"
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    private static func deed(_ cause: ProcessStatus.Cause) -> String? {
        switch cause.did.flatMap({ FreezeDeed(rawValue: $0) }) {
        case .rolledBack: "brought back version \(cause.rolledBackTo ?? 0)"
        case .nothingLearnt: "nothing in doubt had been learnt"
        case .nothingRetained: "no version from before was retained: what was learnt of it stays"
        case nil: nil
        }
    }
}
