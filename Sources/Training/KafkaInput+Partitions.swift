public import Checkpointing
import Kafka

/// Questions about the input's partitions.
extension KafkaInput {
    private static let patience = Duration.seconds(20)

    public func partitions(besides held: [InputPosition]) async throws(LogFailure) -> [AvailableInput] {
        let held = Set(held.map { TopicPartition(topic: $0.topic, partition: $0.partition) })
        var available: [AvailableInput] = []
        do {
            for topic in configuration.topics {
                for partition in try await consumer.partitions(of: topic, timeout: Self.patience) {
                    let place = TopicPartition(topic: topic, partition: partition)
                    guard configuration.share.contains(partition) || held.contains(place) else { continue }
                    let ends = try await consumer.watermarks(of: place, timeout: Self.patience)
                    available.append(AvailableInput(topic: topic, partition: partition, low: ends.low, end: ends.high))
                }
            }
        } catch {
            throw LogFailure(error, while: "find the partitions of \(configuration.topics.joined(separator: ", "))")
        }
        return available
    }

    public func partitionCount() async throws(LogFailure) -> Int {
        var count = 0
        do {
            for topic in configuration.topics { count += try await ask(for: topic).count(where: configuration.share.contains) }
        } catch {
            throw LogFailure(error, while: "count the partitions of \(configuration.topics.joined(separator: ", "))")
        }
        return count
    }

    public func offsets(at time: Int64, for inputs: [InputPosition]) async throws(LogFailure) -> [Int64] {
        let partitions = inputs.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
        do {
            let found = try await consumer.offsets(at: time, for: partitions)
            var offsets: [Int64] = []
            for partition in partitions {
                // No record is that young: begin with the next one.
                if let offset = found[partition], offset >= 0 {
                    offsets.append(offset)
                } else {
                    offsets.append(try await consumer.stableEnd(of: partition, timeout: Self.patience))
                }
            }
            return offsets
        } catch {
            throw LogFailure(error, while: "find the offsets at time \(time)")
        }
    }

    // MARK: - Whether the topics exist

    /// Asks for a topic's partitions while reading goes on, and notes whether there is such a topic.
    private func ask(for topic: String) async throws -> [Int32] {
        do {
            let partitions = try await consumer.partitions(of: topic, timeout: .seconds(5))
            topics.found(topic)
            return partitions
        } catch {
            if let error = error as? KafkaError, error.deniesTopic { topics.denied(topic, at: .now) }
            throw error
        }
    }

    /// Asks again for topics that a broker has denied. The consumer of one that is gone is of no use any more, but the lane is told so before it
    /// ends.
    func lookForTopics() throws(LogFailure) {
        if let error = topics.verdict { throw LogFailure(error, while: "read the input") }
        guard let topic = topics.next(at: .now) else { return }
        Task {
            _ = try? await self.ask(for: topic)
            self.topics.answered()
        }
    }
}
