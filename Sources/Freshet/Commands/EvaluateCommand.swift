import ArgumentParser
import Checkpointing
import Events
import Foundation
import Learning
import Logging
import Training

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Progressive validation of event files, or of the input topic: predict, score, learn.",
        discussion: """
            Files hold one event a line and may be gzipped; '-' reads standard input. Without a file the input topic is read from its start to its \
            present end. No Kafka is needed for files.
            """)

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var output: OutputOption
    @Option(help: "Events in each window of the report.") var window = 10_000
    @Option(help: "Learners that take the events in turn, and whose average predicts: what several lanes cost in quality.") var lanes = 1
    @Argument(help: "Event files.") var inputs: [String] = []

    func validate() throws {
        guard window > 0 else { throw ValidationError("--window must be at least 1") }
        guard (1...64).contains(lanes) else { throw ValidationError("--lanes must be 1 to 64") }
    }

    func run() async throws {
        let settings = try file.load(needs: inputs.isEmpty ? .all : .label)
        let specification = try settings.specification()
        let document = inputs.isEmpty ? try await ofTopic(settings, specification) : try ofFiles(specification)
        try output.write(document) { Self.text($0) }
        if document.examples == 0 { throw WorkFailure("none of the events could be learnt; the reasons are above") }
    }

    // MARK: - Files

    private func ofFiles(_ specification: ModelSpecification) throws -> EvaluationDocument {
        let started = ContinuousClock.now
        var evaluation = Evaluation(specification: specification, window: window, lanes: lanes)
        let decoder = EventDecoder(
            schema: specification.events, task: specification.learner.task, bits: specification.learner.bits)
        var batch = ExampleBatch()
        for input in inputs {
            var progress = Progress(input)
            var splitter = LineSplitter(bytesMax: specification.events.limits.documentBytes + 1)
            let take = { (line: borrowing LineSplitter.Line) in
                batch.removeAll()
                let rejection = unsafe decoder.decode(line.bytes, purpose: .learning, fallbackTime: 0, into: &batch)
                if let rejection { evaluation.reject(rejection.reason) } else { evaluation.learn(batch, rows: 0..<1) }
                progress.advance()
            }
            unsafe try EventFile(path: input).read { unsafe splitter.feed($0, take) }
            splitter.finish(take)
            progress.end()
        }
        return try evaluation.document(seconds: (ContinuousClock.now - started).seconds)
    }

    // MARK: - The topic

    private func ofTopic(_ settings: Settings, _ specification: ModelSpecification) async throws -> EvaluationDocument {
        let started = ContinuousClock.now
        let source = try KafkaInput(
            KafkaInput.Configuration(
                topics: settings.input.topics, share: LaneShare(lane: 0, of: 1), specification: specification,
                properties: settings.kafka.values),
            logger: Logs.logger("evaluate", settings))
        let available = try await source.partitions(besides: [])
        let inputs = available.map { InputPosition(topic: $0.topic, partition: $0.partition, start: $0.low) }
        _ = try await source.assign(inputs)
        var evaluation = Evaluation(specification: specification, window: window, lanes: lanes)
        var bound = EngineBound(.end, inputs: inputs, ends: available.map(\.end), taken: 0)
        while !bound.isReached {
            var batch = try await source.next(wait: .milliseconds(200))
            bound.truncate(&batch)
            for record in batch.records {
                switch record.content {
                case .example(let row): evaluation.learn(batch.examples, rows: row..<row + 1)
                case .rejected(let index): evaluation.reject(batch.reasons[index])
                }
            }
        }
        await source.close()
        return try evaluation.document(seconds: (ContinuousClock.now - started).seconds)
    }

    // MARK: - Text

    private static func text(_ document: EvaluationDocument) -> String {
        let rows = [
            ("model", document.metrics), ("no change", document.baselines.noChange), ("running mean", document.baselines.runningMean),
        ]
        .map { name, metrics in
            [name]
                + [
                    metrics.logLoss, metrics.normalizedEntropy, metrics.auc, metrics.accuracy, metrics.calibration, metrics.rmse,
                    metrics.mae,
                ]
                .map { $0.map(Figures.four) ?? "-" }
        }
        let windows = document.windows.enumerated().map { index, window in
            [String(index + 1), String(window.examples)]
                + [window.logLoss ?? window.rmse, window.auc ?? window.mae].map { $0.map(Figures.four) ?? "-" }
        }
        let isBinary = document.metrics.logLoss != nil
        let rejected = document.rejected.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return [
            TextTable.render(["", "log loss", "NE", "AUC", "accuracy", "calibration", "RMSE", "MAE"], rows), "",
            TextTable.render(["window", "events", isBinary ? "log loss" : "RMSE", isBinary ? "AUC" : "MAE"], windows), "",
            "\(document.examples) learnt, \(document.rejected.values.reduce(0, +)) rejected\(rejected.isEmpty ? "" : " (\(rejected))"), "
                + "\(Int(document.eventsPerSecond)) events/s in \(Figures.four(document.seconds)) s",
            "model digest \(document.modelDigest)",
        ].joined(separator: "\n")
    }
}

/// How far long work has come, on a terminal.
struct Progress {
    private let name: String
    private let isShown = isatty(2) == 1
    private var count = 0

    init(_ name: String) { self.name = name }

    mutating func advance() {
        count += 1
        if isShown, count.isMultiple(of: 20_000) { FileHandle.standardError.write(Data("\r\(name): \(count) events".utf8)) }
    }

    func end() {
        if isShown { FileHandle.standardError.write(Data("\r\(name): \(count) events\n".utf8)) }
    }
}
