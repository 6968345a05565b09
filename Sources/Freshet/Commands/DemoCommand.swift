import ArgumentParser

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "All of it in one process on an embedded broker, with a story: drift, broken records, a lost field, a stall.")

    @Option(help: "The port of the publisher's page; 0 takes any free one.") var port = 8080
    @Option(name: .customLong("for"), help: "End after so long, as in 30s or 2m.") var duration: String?

    func validate() throws {
        if let duration, Durations.parse(duration) == nil {
            throw ValidationError("--for takes a duration such as 30s or 2m, not '\(duration)'")
        }
    }

    func run() async throws {
        try await DemoWiring(port: port, seconds: duration.flatMap { Durations.parse($0)?.seconds }).run()
    }
}
