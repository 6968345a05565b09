import Kafka
import Logging
import Synchronization

/// Keeps what a client logs, to be read when a test that waits for it gives up.
final class Diary: Sendable {
    private let lines = Mutex<[String]>([])
    private let started = ContinuousClock.now

    /// What librdkafka says of connections, metadata and fetches.
    static let properties = ["debug": "broker,metadata,topic,fetch"]

    var logger: Logger { Logger(label: "diary") { _ in Handler(diary: self) } }

    func note(_ text: String) { lines.withLock { $0.append("\(ContinuousClock.now - started) \(text)") } }

    /// Shows the last of it when the work fails.
    func kept<Answer>(_ work: () async throws -> Answer) async throws -> Answer {
        do {
            return try await work()
        } catch {
            print(lines.withLock { $0.suffix(400) }.joined(separator: "\n"))
            throw error
        }
    }

    private struct Handler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug
        let diary: Diary

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { diary.note("\(event.message) \(event.metadata ?? [:])") }
    }
}
