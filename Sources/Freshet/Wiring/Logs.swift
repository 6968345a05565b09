import Foundation
import Logging

/// Logs go to stderr, one line each: constant sentences with metadata.
enum Logs {
    static func start(_ settings: Settings.Log) {
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, level: settings.level, isJSON: settings.format == .json)
        }
    }

    static func logger(_ label: String, _ settings: Settings) -> Logger {
        var logger = Logger(label: "freshet.\(label)")
        logger[metadataKey: "model"] = "\(settings.model)"
        return logger
    }
}

private struct LineLogHandler: LogHandler {
    var metadata = Logger.Metadata()
    var logLevel: Logger.Level
    private let label: String
    private let isJSON: Bool

    init(label: String, level: Logger.Level, isJSON: Bool) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = isJSON ? json(event, values) : text(event, values)
        FileHandle.standardError.write(Data(line.utf8 + [10]))
    }

    private func text(_ event: LogEvent, _ values: Logger.Metadata) -> String {
        let details = values.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(event.level) \(label): \(event.message)\(details)"
    }

    private func json(_ event: LogEvent, _ values: Logger.Metadata) -> String {
        var document = values.mapValues(\.description)
        document["time"] = time
        document["level"] = event.level.rawValue
        document["logger"] = label
        document["message"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private var time: String { Date.now.formatted(.iso8601.time(includingFractionalSeconds: true)) }
}
