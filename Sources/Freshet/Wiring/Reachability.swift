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
            throw unreachable(error)
        }
        await admin.close(within: .seconds(1))
        guard let found = cluster.topics[topic], found.error == nil else {
            throw WorkFailure("topic \(topic) does not exist; make the topics of '\(model)' with: freshet topics create")
        }
    }

    /// Ends a service at its start where brokers refuse it: with a wrong certificate or password it would try for ever. Brokers that do not answer
    /// are waited for by the service itself.
    func heedRefusal(by admin: Admin) async throws {
        do {
            _ = try await admin.cluster(timeout: .seconds(5))
        } catch let error as KafkaError where error.isRefusedConnection {
            throw unreachable(error)
        } catch {}
    }

    /// Why no broker can be talked to.
    func unreachable(_ error: any Error) -> WorkFailure {
        let servers = kafka.values["bootstrap.servers"] ?? "kafka.bootstrap.servers"
        guard let refusal = error as? KafkaError, refusal.isRefusedConnection else {
            return WorkFailure("no broker answers at \(servers): \(error)")
        }
        return WorkFailure("cannot connect to Kafka at \(servers): \(refusal.reason)")
    }
}
