import Kafka

extension Settings {
    /// Says within seconds that no broker answers, or that a topic is missing, where waiting would not help whoever has typed a command.
    func require(_ topic: String) async throws {
        let admin = try Admin(kafka.values, logger: Logs.logger("reach", self))
        let cluster: ClusterMetadata
        do {
            cluster = try await admin.cluster(timeout: .seconds(4))
        } catch {
            await admin.close(within: .seconds(1))
            throw WorkFailure("no broker answers at \(kafka.values["bootstrap.servers"] ?? "kafka.bootstrap.servers"): \(error)")
        }
        await admin.close(within: .seconds(1))
        guard let found = cluster.topics[topic], found.error == nil else {
            throw WorkFailure("topic \(topic) does not exist; make the topics of '\(model)' with: freshet topics create")
        }
    }
}
