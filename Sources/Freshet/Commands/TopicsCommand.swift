import ArgumentParser
import Kafka
import Logging

struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "The topics of a model: create them, or check what is there.",
        subcommands: [Create.self, Check.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Creates the topics a model needs, with the right settings.")
        @OptionGroup var file: ConfigurationFile
        @Option(help: "Replicas of each topic; the broker's default if not given.") var replication = -1
        @Option(help: "Create the input topics too, with so many partitions.") var inputPartitions: Int?

        func run() async throws {
            let settings = try file.load(needs: [.kafka, .topics])
            let plan = TopicPlan(names: settings.names, lanes: settings.checkpoint.lanes, replication: replication)
            let admin = try Admin(settings.kafka.values, logger: Logs.logger("topics", settings))
            var wanted = plan.specifications
            if let inputPartitions {
                wanted += settings.input.topics.map {
                    TopicSpecification(name: $0, partitions: inputPartitions, replicationFactor: replication)
                }
            }
            // A request waits half a minute for a controller, and then does not say why there is none.
            _ = try await admin.cluster(timeout: .seconds(10))
            let made = try await admin.createTopics(wanted, timeout: .seconds(30))
            for name in made.created { print("created \(name)") }
            for name in made.existing { print("exists  \(name)") }
            let problems = try await Check.problems(settings, admin)
            await admin.close(within: .seconds(3))
            guard problems.isEmpty else { throw WorkFailure(problems.joined(separator: "\n")) }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuses what would break the checkpoint protocol.")
        @OptionGroup var file: ConfigurationFile
        @OptionGroup var output: OutputOption

        struct Document: Encodable {
            var ok: Bool
            var problems: [String]
        }

        func run() async throws {
            let settings = try file.load(needs: [.kafka, .topics])
            let admin = try Admin(settings.kafka.values, logger: Logs.logger("topics", settings))
            let problems = try await Self.problems(settings, admin)
            await admin.close(within: .seconds(3))
            try output.write(Document(ok: problems.isEmpty, problems: problems)) { document in
                document.ok ? "the topics of '\(settings.model)' are as they have to be" : document.problems.joined(separator: "\n")
            }
            if !problems.isEmpty { throw ExitCode(1) }
        }

        /// A trainer begins on no topic that would break the protocol, and not with a certificate or password that is refused. Brokers that do not
        /// answer yet, or will not tell their settings, are no reason not to try.
        static func refuseToTrain(_ settings: Settings) async throws {
            let logger = Logs.logger("train", settings)
            let admin = try Admin(settings.kafka.values, logger: logger)
            var problems: [String] = []
            do {
                problems = try await Self.problems(settings, admin, patience: .seconds(5))
            } catch let error as KafkaError where error.isRefusedConnection {
                throw settings.unreachable(error)
            } catch {
                logger.warning("The topics could not be checked; trying on", metadata: ["error": "\(error)"])
            }
            await admin.close(within: .seconds(3))
            guard problems.isEmpty else {
                throw WorkFailure("'\(settings.model)' cannot be trained: \(problems.joined(separator: "; "))")
            }
        }

        static func problems(_ settings: Settings, _ admin: Admin, patience: Duration = .seconds(10)) async throws -> [String] {
            var plan = TopicPlan(names: settings.names, lanes: settings.checkpoint.lanes, replication: -1)
            if let servers = settings.kafka.values["bootstrap.servers"] { plan.servers = servers }
            let cluster = try await admin.cluster(timeout: patience)
            let present = plan.topics.map(\.name).filter { cluster.topics[$0]?.error == nil && cluster.topics[$0] != nil }
            let described = present.isEmpty ? [:] : try await admin.describeTopics(present)
            let missing = settings.input.topics.filter { cluster.topics[$0] == nil || cluster.topics[$0]?.error != nil }
            return missing.map { "input topic \($0) does not exist" } + plan.problems(cluster, described)
        }
    }
}
