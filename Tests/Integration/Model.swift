import Foundation
import Kafka
import TestSupport

/// One model of a scenario: its configuration, its commands, and what its checkpoint topic says.
struct Model: Sendable {
    let bench: Bench
    let name: String
    let input: String
    let configuration: String
    let lanes: Int

    /// - Parameters:
    ///   - input: the topic of events; one of its own if not given.
    ///   - partitions: of the input topic, if it is to be made.
    ///   - parts: further keys of `input`, in YAML's flow style.
    ///   - kafka: further client properties.
    ///   - sections: top-level keys of the configuration with their values in YAML's flow style, over those that every scenario has.
    init(
        _ bench: Bench, _ stem: String, input: String? = nil, partitions: Int = 1, lanes: Int = 1, alsoRead parts: String = "",
        kafka: [String: String] = [:], _ sections: [String: String] = [:]
    ) async throws {
        self.bench = bench
        name = NetworkBroker.uniqueName(stem)
        self.input = input ?? "\(name).events"
        self.lanes = lanes
        var all = Self.common(bench, kafka)
        all["model"] = name
        all["input"] = "{topics: [\(self.input)], label: /label, time: /ts, id: /id, \(parts)}"
        all["checkpoint"] = "{interval: 300ms, holdBack: 300ms, lanes: \(lanes)}"
        all.merge(sections) { $1 }
        configuration = try Self.file(of: all, name: name, bench)
        let made = try await bench.run(
            ["topics", "create", "--config", configuration] + (input == nil ? ["--input-partitions", "\(partitions)"] : []))
        guard made.exit == .code(0) else { throw TestFailure("the topics could not be made: \(made.errors)") }
        bench.own(["checkpoint", "control", "quarantine", "audit"].map { "\(name).\($0)" } + (input == nil ? [self.input] : []))
    }

    /// A name of its own in the group, as a stateful set gives its members: a trainer that was killed and comes back is known at once, and
    /// nobody waits for the session timeout.
    static let member = ["group.instance.id": "trainer-0"]

    /// The shortest session timeout that brokers take by default: what a test waits for after it has killed a trainer.
    private static func common(_ bench: Bench, _ more: [String: String]) -> [String: String] {
        let properties = bench.properties.merging(["session.timeout.ms": "6000"]) { $1 }.merging(more) { $1 }.sorted { $0.key < $1.key }
        return [
            "kafka": "{\(properties.map { "\($0.key): \"\($0.value)\"" }.joined(separator: ", "))}",
            "allowPlaintext": "true",
            "features": "{fields: /features}",
            "learner": "{task: binary, bits: 14}",
            "serve": "{listen: \"127.0.0.1:0\"}",
            "metrics": "{listen: off}",
        ]
    }

    private static func file(of sections: [String: String], name: String, _ bench: Bench) throws -> String {
        try bench.file("\(name).yaml", sections.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined())
    }

    /// Another configuration file, with one text of this one's replaced.
    func configuration(replacing text: String, with other: String) throws -> String {
        let content = try String(contentsOfFile: configuration, encoding: .utf8)
        return try bench.file("other-\(name).yaml", content.replacing(text, with: other))
    }

    // MARK: - Commands

    private func line(_ command: [String]) -> [String] { command + ["--config", configuration] }

    func start(_ command: String...) throws -> ChildProcess { try bench.start(line(command)) }

    func run(_ command: String...) async throws -> (exit: ChildProcess.Exit, output: String, errors: String) {
        try await bench.run(line(command))
    }

    /// A command that has to succeed, with its document.
    func report<Document: Decodable>(_ command: String..., as type: Document.Type = Document.self) async throws -> Document {
        try await bench.report(line(command))
    }

    func status() async throws -> StatusReport { try await report("status") }
    func versions() async throws -> [VersionReport] { try await report("versions") }

    /// Progressive validation of these lines with the model's configuration.
    func evaluate(_ lines: [String]) async throws -> EvaluationReport {
        let file = try bench.file("\(name).jsonl", lines.map { "\($0)\n" }.joined())
        return try await report("evaluate", file)
    }

    func evaluate(_ events: [LabelledEvent]) async throws -> EvaluationReport { try await evaluate(events.map(\.json)) }

    /// Asks a service to leave, and wants it to do so in order.
    func stop(_ services: ChildProcess...) async throws {
        services.forEach { $0.signal(SIGTERM) }
        for service in services {
            let exit = try await service.ended(by: bench.deadline)
            guard exit == .code(0) else { throw TestFailure("\(service.name) was asked to leave and ended with \(exit)") }
        }
    }

    // MARK: - What happens to it

    /// Kills a trainer, as a power cut would.
    func kill(_ trainer: ChildProcess) throws {
        if let exit = trainer.exit { throw TestFailure("\(trainer.name) was to be killed and had ended with \(exit)") }
        trainer.kill()
    }

    /// Kills a trainer that others of its group outlive. Its place in the order of seniority tells which member has died.
    func kill(_ trainer: ChildProcess, member place: Int) throws {
        try kill(trainer)
        try Undertaker(group: "\(name).lanes").bury(member: place)
    }

    func feed() throws -> Feed { try feed(partitions: 1) }
    func feed(partitions: Int) throws -> Feed { try Feed(topic: input, partitions: partitions, properties: bench.properties) }

    /// The checkpoint topic of a lane, as a publisher reads it.
    func follow(lane: Int = 0) -> LaneFollower { LaneFollower(self, lane: lane) }
}
