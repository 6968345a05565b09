import Foundation
import Kafka
import Logging
import Synchronization
import TestSupport

/// Logs are not what these tests are about; those of the processes go to files.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Where a scenario happens: a folder for configurations and logs, the processes it started, and the time until which it must be over.
final class Bench: Sendable {
    let folder: URL
    let deadline: ContinuousClock.Instant
    let servers: String
    private let binary: String
    private let children = Mutex<[ChildProcess]>([])
    private let topics = Mutex<[String]>([])
    /// Puts the stand-in's answers right, so that trainers can be killed in the midst of a transaction (see ``AbortRepair``).
    private let repair: KafkaProxy?

    private init(seconds: Int) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: NetworkBroker.uniqueName("freshet-bench"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // The stand-in answers an empty fetch at once. A real broker parks it, and whoever reads to the end waits for that each time.
        deadline = .now + .seconds(seconds * (NetworkBroker.isStandIn ? 1 : 3))
        repair = NetworkBroker.isStandIn ? try Self.proxy() : nil
        servers = try repair?.bootstrapServers ?? NetworkBroker.shared().bootstrapServers
        binary = try FreshetBinary.path()
    }

    /// Runs a scenario. Its processes end with it, and its topics go; when it fails, what they logged last is shown and the folder is kept.
    static func run(
        seconds: Int = 90, _ scenario: (Bench) async throws -> Void, onFailure remark: () -> String = { "" }
    ) async throws {
        try await NetworkBroker.warmedUp()
        let bench = try Bench(seconds: seconds)
        let started = ContinuousClock.now
        do {
            try await scenario(bench)
            bench.endAll()
            await bench.deleteTopics()
            try FileManager.default.removeItem(at: bench.folder)
        } catch {
            bench.endAll()
            print(bench.lastWords(after: ContinuousClock.now - started), remark())
            throw error
        }
    }

    private func endAll() { children.withLock { $0 }.forEach { $0.kill() } }

    private func lastWords(after time: Duration) -> String {
        let logs = children.withLock { $0 }.map { child in
            let words = child.errorText.split(separator: "\n").suffix(25) + child.outputText.split(separator: "\n").suffix(40)
            return "--- \(child.name), process \(child.pid), \(child.exit.map { "\($0)" } ?? "running")\n\(words.joined(separator: "\n"))"
        }
        return "=== failed after \(time); the logs are in \(folder.path)\n\(logs.suffix(12).joined(separator: "\n"))"
    }

    // MARK: - Processes

    func start(_ arguments: [String]) throws -> ChildProcess { try start(binary, arguments, named: arguments[0]) }

    /// Another program than the one under test; it ends with the scenario as well.
    func start(_ program: String, _ arguments: [String], named stem: String) throws -> ChildProcess {
        let number = children.withLock(\.count)
        let name = "\(String(format: "%03d", number))-\(stem)"
        let child = try ChildProcess(program, arguments, name: name, folder: folder)
        children.withLock { $0.append(child) }
        return child
    }

    /// Runs a command to its end.
    func run(_ arguments: [String]) async throws -> (exit: ChildProcess.Exit, output: String, errors: String) {
        let child = try start(arguments)
        let exit = try await child.ended(by: deadline)
        return (exit, child.outputText, child.errorText)
    }

    /// Runs a command that has to succeed and to print one JSON document.
    func report<Document: Decodable>(_ arguments: [String], as type: Document.Type = Document.self) async throws -> Document {
        let (exit, output, errors) = try await run(arguments + ["--output", "json"])
        guard exit == .code(0) else { throw TestFailure("\(arguments[0]) ended with \(exit): \(errors)\(output)") }
        return try JSONDecoder().decode(Document.self, from: Data(output.utf8))
    }

    // MARK: - Waiting

    nonisolated(nonsending) func eventually<Answer>(
        _ what: @autoclosure () -> String, _ ask: () async throws -> Answer?
    ) async throws -> Answer {
        try await TestSupport.eventually(what(), by: deadline, ask)
    }

    nonisolated(nonsending) func eventually(_ what: @autoclosure () -> String, _ isSo: () async throws -> Bool) async throws {
        _ = try await TestSupport.eventually(what(), by: deadline) { try await isSo() ? true : nil }
    }

    // MARK: - Kafka

    /// Topics that nobody needs when the scenario has succeeded.
    func own(_ topics: [String]) { self.topics.withLock { $0 += topics } }

    /// Others have to live with a real broker; the stand-in ends with this process. The scenario has succeeded whatever becomes of it.
    private func deleteTopics() async {
        let topics = topics.withLock { $0 }
        guard !NetworkBroker.isStandIn, !topics.isEmpty, let admin = try? Admin(properties, logger: quiet) else { return }
        try? await admin.deleteTopics(topics, timeout: .seconds(20))
        await admin.close(within: .seconds(3))
    }

    /// A way of its own to the broker, with faults on demand.
    static func proxy() throws -> KafkaProxy {
        try KafkaProxy(to: NetworkBroker.shared().bootstrapServers, repairsAborts: NetworkBroker.isStandIn)
    }

    /// For clients of the test itself. The broker of the tests overruns limits of fetch sizes.
    var properties: [String: String] { ["bootstrap.servers": servers, "receive.message.max.bytes": "500000000"] }

    func file(_ name: String, _ text: String) throws -> String {
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }
}
