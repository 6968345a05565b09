import Foundation
import Kafka
import Logging

/// A Kafka-compatible broker behind a network address, for tests that the embedded one cannot prove anything to.
///
/// `FRESHET_TEST_KAFKA` names the bootstrap servers of one that runs. Otherwise noida-db (0.2.3, from PyPI) is started, from the path in
/// `FRESHET_NOIDA` or else from `PATH`, with a temporary directory, and ends with this process, however that ends.
public final class NetworkBroker: Sendable {
    public let bootstrapServers: String
    /// The writing end of the starter's standard input: when it closes, the broker is ended.
    private let lifeline: Pipe?
    /// Read from until the broker listens; whoever writes to a pipe that nobody holds is ended.
    private let output: Pipe?

    /// What a skipped test says.
    public static let missing = "Needs a broker: set FRESHET_TEST_KAFKA to its address, or FRESHET_NOIDA to the path of noida-db."

    public static var isAvailable: Bool {
        ProcessInfo.processInfo.environment["FRESHET_TEST_KAFKA"] != nil || noida != nil
    }

    /// Started at first use, one for all tests of this process.
    public static func shared() throws -> NetworkBroker {
        try one.get()
    }

    /// A name that no other test uses.
    public static func uniqueName(_ stem: String) -> String {
        "\(stem)-\(UUID().uuidString.prefix(8).lowercased())"
    }

    private static let one = Result { try NetworkBroker() }

    private init() throws {
        if let servers = ProcessInfo.processInfo.environment["FRESHET_TEST_KAFKA"] {
            bootstrapServers = servers
            (lifeline, output) = (nil, nil)
            return
        }
        guard let noida = NetworkBroker.noida else { throw Failure(description: NetworkBroker.missing) }
        // Free a moment ago.
        let port = try Listener().port
        let (lifeline, output) = (Pipe(), Pipe())
        let ends = [lifeline.fileHandleForReading, output.fileHandleForWriting].map { "/proc/self/fd/\($0.fileDescriptor)" }
        _ = try spawn(
            "/bin/sh", ["-c", NetworkBroker.script, noida, "\(port)"], ProcessInfo.processInfo.environment, group: 0,
            files: ends + ["/dev/null"])
        // Its end is seen when nobody else holds the pipe.
        try output.fileHandleForWriting.close()
        bootstrapServers = "127.0.0.1:\(port)"
        (self.lifeline, self.output) = (lifeline, output)
        try NetworkBroker.await(bootstrapServers, in: output.fileHandleForReading)
    }

    /// noida-db comes with a starter in Python that does not pass signals on, hence the process group; dispatch threads block every
    /// signal that can be blocked and their children inherit that, hence the kill. `read` returns when the pipe's other end is closed:
    /// by the kernel, if nobody else.
    private static let script = """
        directory=$(mktemp -d)
        setsid "$0" start --only kafka --kafka-port "$1" --data-dir "$directory" </dev/null &
        read -r line
        kill -KILL "-$!"
        rm -rf "$directory"
        """

    /// Reads until the broker has printed the address it listens on.
    private static func await(_ address: String, in output: FileHandle) throws {
        var text = ""
        while !text.contains(address) {
            let data = output.availableData
            guard !data.isEmpty else { throw Failure(description: "noida-db ended before it listened on \(address): \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
    }

    private static var noida: String? {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["FRESHET_NOIDA"] { return path }
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/noida-db" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}

// MARK: - Warming up

extension NetworkBroker {
    /// The broker, once a transaction has gone through, with which suites and scenarios begin.
    @discardableResult
    public static func warmedUp() async throws -> NetworkBroker {
        try await warmth.value
        return try shared()
    }

    private static let warmth = Task {
        if !NetworkBroker.isStandIn { try await NetworkBroker.shared().warmUp() }
    }

    /// Kafka makes `__transaction_state` and `__consumer_offsets`, of fifty partitions each, when they are first asked for. librdkafka 2.0.2 asks
    /// for a coordinator only twice more meanwhile, and then a first `sendOffsets` waits in vain for its deadline.
    private func warmUp() async throws {
        let properties = ["bootstrap.servers": bootstrapServers]
        let topic = NetworkBroker.uniqueName("warm-up")
        let admin = try Admin(properties, logger: Self.quiet)
        let deadline = ContinuousClock.now + .seconds(60)
        while let error = await failure(on: topic, admin, properties) {
            guard ContinuousClock.now < deadline else { throw Failure(description: "\(bootstrapServers) commits no transaction: \(error)") }
            try await Task.sleep(for: .seconds(1))
        }
        try? await admin.deleteTopics([topic], timeout: .seconds(20))
        await admin.close(within: .seconds(3))
    }

    /// What is in the way of a transaction; nil when one has gone through.
    private func failure(on topic: String, _ admin: Admin, _ properties: [String: String]) async -> (any Error)? {
        do {
            try await admin.createTopics([TopicSpecification(name: topic)], timeout: .seconds(10))
            // One strike: each try has a producer of its own. By the same name, which ends what the one before has left open.
            let producer = try Producer(properties.merging(["transactional.id": topic]) { $1 }, logger: Self.quiet)
            do {
                try await Self.transact(on: topic, producer)
            } catch {
                await producer.close(within: .seconds(3))
                throw error
            }
            await producer.close(within: .seconds(3))
            return nil
        } catch {
            return error
        }
    }

    private static func transact(on topic: String, _ producer: Producer) async throws {
        try await producer.initTransactions(timeout: .seconds(15))
        try await producer.beginTransaction()
        _ = try await producer.produce([OutgoingRecord(topic: topic, partition: 0, value: [])])
        try await producer.sendOffsets([TopicPartition(topic: topic, partition: 0): 1], group: topic, timeout: .seconds(10))
        try await producer.commitTransaction(timeout: .seconds(15))
    }

    private static let quiet = Logger(label: "broker") { _ in SwiftLogNoOpLogHandler() }
}
