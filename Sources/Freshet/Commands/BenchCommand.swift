import ArgumentParser
import Benchmarks
import Events
import Foundation

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "The benchmarks: measurements against stated bars.", subcommands: [Watchdog.self])

    struct Watchdog: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "watchdog", abstract: "Breaks streams in every way it knows, and measures what the inspector makes of it.",
            discussion: """
                Files hold one event a line, with the members ts, label and features, and may be gzipped. Click streams are generated beside them. \
                Every stream is also run without faults. Needs no configuration and no Kafka. Ends with 1 if a bar is missed.
                """)

        @OptionGroup var output: OutputOption
        @Option(help: "Of all that is random.") var seed: UInt64 = 1
        @Option(help: "Only the faults whose names contain one of these, divided by commas.") var faults: String?
        @Option(help: "Events a second of the simulated feed.") var rate = 1_000.0
        @Option(help: "Simulated months of the detectors of rates; 0 for none.") var months = 5
        @Argument(help: "Event files.") var inputs: [String] = []

        func validate() throws {
            guard rate > 0, rate.isFinite else { throw ValidationError("--rate must be above 0") }
            guard (0...1_000).contains(months) else { throw ValidationError("--months must be 0 to 1000") }
        }

        func run() async throws {
            let campaign = try campaign()
            let streams = inputs.map { path in BenchmarkStream(name: Self.name(of: path)) { try Self.events(in: path) } }
            let isShown = isatty(2) == 1
            let report = try await campaign.run(streams) { note in
                if isShown { FileHandle.standardError.write(Data("\(note)\n".utf8)) }
            }
            try output.write(report) { $0.text }
            let missed = report.missed.count
            if missed > 0 { throw WorkFailure("\(missed) of \(report.bars.count) bars are missed") }
        }

        private func campaign() throws -> WatchdogCampaign {
            var configuration = WatchdogCampaign.Configuration()
            configuration.seed = seed
            configuration.faults = (faults ?? "").split(separator: ",").map(String.init)
            configuration.rate = rate
            configuration.months = months
            configuration.jobs = ProcessInfo.processInfo.activeProcessorCount
            do {
                return try WatchdogCampaign(configuration)
            } catch {
                throw UsageError(error.description)
            }
        }

        private static func name(of path: String) -> String {
            String(path.split(separator: "/").last?.prefix { $0 != "." } ?? "-")
        }

        private static func events(in path: String) throws -> EventLines {
            var lines = EventLines()
            var splitter = LineSplitter()
            let take = { (line: borrowing LineSplitter.Line) in unsafe lines.append(Array(line.bytes)) }
            unsafe try EventFile(path: path).read { unsafe splitter.feed($0, take) }
            splitter.finish(take)
            return lines
        }
    }
}

// MARK: - Text

extension WatchdogReport {
    fileprivate var text: String {
        let parts = [
            "Without faults", Self.table(of: clean), "Faults", table(of: rows), "Simulated months, false alarms", Self.table(of: months),
            "Broken events read before the reject rate gives an alarm", Self.table(of: absorption), "Bars", Self.table(of: bars),
            "seed \(seed), \(Int(rate)) events/s, \(trials.count) trials in \(Int(seconds)) s",
        ]
        return parts.joined(separator: "\n\n")
    }

    private static func table(of clean: [Clean]) -> String {
        func list(_ counts: [String: Int]) -> String {
            counts.isEmpty ? "-" : counts.sorted { $0.key < $1.key }.map { "\($1) × \($0)" }.joined(separator: ", ")
        }
        return TextTable.render(
            ["stream", "events", "exact", "false freezes", "alerts"],
            clean.map { [$0.stream, String($0.events), $0.isExact ? "yes" : "NO", list($0.falseFreezes), list($0.alerts)] })
    }

    private func table(of rows: [Row]) -> String {
        TextTable.render(
            [
                "fault", "grade", "share", "trials", "frozen", "alert", "missed", "median", "p95", "p95 s", "learnt", "served", "exact",
                "first detector",
            ],
            rows.map { row in
                [
                    row.fault + (row.mustFreeze ? " *" : ""), row.grade, "\(Int((row.share * 100).rounded())) %", "\(row.trials)",
                    "\(row.frozen)", "\(row.alerted)", "\(row.missed)", "\(row.medianDelay)", "\(row.delayAt95)",
                    String(format: "%.2f", row.secondsAt95), "\(row.poisonLearnt)", "\(row.poisonServed)", "\(row.exact)",
                    row.detectors.prefix(3).map { "\($0.name) \($0.trials)" }.joined(separator: ", "),
                ]
            }) + "\n* a freeze is demanded; delays in events, of first alarms; learnt and served: broken events, the most of any trial"
    }

    private static func table(of months: [Month]) -> String {
        TextTable.render(
            ["detector", "rate", "freezes", "each month", "mean"],
            months.map { month in
                [
                    month.detector, String(format: "%.4f", month.rate), month.freezes ? "yes" : "no",
                    month.falseAlarms.map(String.init).joined(separator: " "), String(format: "%.2f", month.mean),
                ]
            })
    }

    private static func table(of absorption: [Absorption]) -> String {
        TextTable.render(
            ["share", "trials", "median", "p95", "allowed"],
            absorption.map { row in
                ["\(Int((row.share * 100).rounded())) %", "\(row.trials)", "\(row.median)", "\(row.percentile95)", "\(row.allowed)"]
            })
    }

    private static func table(of bars: [Bar]) -> String {
        TextTable.render(["met", "promise", "found"], bars.map { [$0.isMet ? "yes" : "NO", $0.promise, $0.found] })
    }
}
