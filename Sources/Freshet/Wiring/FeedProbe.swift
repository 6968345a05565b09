import Kafka
import Logging
import Supervision

/// What the brokers say of one input partition.
enum PartitionEnds: Sendable {
    case told(FeedObservation)
    /// Brokers answer, but nobody for this partition.
    case unreachable(TopicPartition, String)
}

/// Asks the brokers for the input's partitions and their ends.
actor FeedProbe {
    private let settings: Settings
    private let topics: [String]
    private let admin: Admin
    private static let patience = Duration.seconds(5)
    /// Of a partition that has no leader the client knows only that it got no answer.
    private static let patienceWithPartition = Duration.seconds(3)
    /// Each question has a thread of its own while it waits.
    private static let questionsAtOnce = 8

    init(settings: Settings, logger: Logger) throws {
        self.settings = settings
        topics = settings.input.topics
        admin = try Admin(settings.kafka.values, logger: logger)
    }

    /// Ends the watchdog at its start where brokers refuse it.
    func heedRefusal() async throws { try await settings.heedRefusal(by: admin) }

    /// The partitions there are, and the topics that are not there.
    ///
    /// - Throws: when no broker answers.
    func partitions() async throws -> (places: [TopicPartition], gone: [String]) {
        let cluster = try await admin.cluster(timeout: Self.patience)
        var gone: [String] = []
        var places: [TopicPartition] = []
        for topic in topics {
            if let found = cluster.topics[topic], found.error == nil {
                places += (0..<found.partitions).map { TopicPartition(topic: topic, partition: Int32($0)) }
            } else if await isGone(topic) {
                gone.append(topic)
            }
        }
        return (places, gone)
    }

    /// A topic that one may not describe is missing in the list as well: only by name it is told apart.
    private func isGone(_ topic: String) async -> Bool {
        do {
            _ = try await admin.partitions(of: topic, timeout: Self.patience)
            return false
        } catch let error as KafkaError {
            return error.code == KafkaError.Code.unknownTopicOrPartition || error.code == KafkaError.Code.unknownTopic
        } catch {
            return false
        }
    }

    func ends(of places: [TopicPartition]) async -> [PartitionEnds] {
        await withTaskGroup(of: PartitionEnds.self) { group in
            var all: [PartitionEnds] = []
            for (number, place) in places.enumerated() {
                if number >= Self.questionsAtOnce, let ends = await group.next() { all.append(ends) }
                group.addTask { [admin] in await Self.ends(of: place, admin) }
            }
            for await ends in group { all.append(ends) }
            return all
        }
    }

    private static func ends(of place: TopicPartition, _ admin: Admin) async -> PartitionEnds {
        do {
            let ends = try await admin.watermarks(of: place, timeout: patienceWithPartition)
            return .told(FeedObservation(topic: place.topic, partition: place.partition, low: ends.low, high: ends.high))
        } catch let error as KafkaError {
            return .unreachable(place, error.reason)
        } catch {
            return .unreachable(place, "\(error)")
        }
    }

    func close() async { await admin.close(within: .seconds(3)) }
}
