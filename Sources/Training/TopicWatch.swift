import Kafka

/// Whether topics that were there still are.
///
/// A broker that has just started may deny a topic for a moment, so a topic is gone only when it was denied more than once, with some time
/// between; and what reads it is given up only after that was told.
struct TopicWatch: Sendable {
    private struct Denial: Sendable {
        var first: ContinuousClock.Instant
        var last: ContinuousClock.Instant

        var lasted: Duration { last - first }
    }

    private static let leastTime = Duration.seconds(2)
    /// By then the lane has said what it sees.
    private static let timeToTell = Duration.seconds(5)
    private static let pause = Duration.seconds(3)

    private var denials: [String: Denial] = [:]
    /// Topics to be asked for at once.
    private var doubted: Set<String> = []
    /// What the client reported, if it did.
    private var error: KafkaError?
    private var askedAt: ContinuousClock.Instant?
    private var isAsking = false

    /// The client reports that there is no such topic; which of them it is, it does not always say.
    mutating func doubt(_ topics: [String], because error: KafkaError) {
        self.error = error
        doubted.formUnion(error.topicPartition.map { [$0.topic] } ?? topics)
    }

    mutating func found(_ topic: String) {
        denials[topic] = nil
        doubted.remove(topic)
        if denials.isEmpty && doubted.isEmpty { error = nil }
    }

    mutating func denied(_ topic: String, at now: ContinuousClock.Instant) {
        doubted.remove(topic)
        denials[topic] = Denial(first: denials[topic]?.first ?? now, last: now)
    }

    func isGone(_ topic: String) -> Bool { denials[topic].map { $0.lasted >= Self.leastTime } ?? false }

    /// Why the client is to be given up: it reported that a topic is gone, and the brokers say so for long enough.
    var verdict: KafkaError? { denials.values.contains { $0.lasted >= Self.timeToTell } ? error : nil }

    /// The topic to ask for now, if there is a doubt; call `answered` when the answer has come.
    mutating func next(at now: ContinuousClock.Instant) -> String? {
        guard !isAsking, let topic = doubted.min() ?? denials.min(by: { $0.value.last < $1.value.last })?.key else { return nil }
        if let askedAt, now - askedAt < Self.pause { return nil }
        (askedAt, isAsking) = (now, true)
        return topic
    }

    mutating func answered() { isAsking = false }
}

extension KafkaError {
    /// A broker says that there is no such topic, or the client that none of its brokers knows it.
    var deniesTopic: Bool { code == Code.unknownTopicOrPartition || code == Code.unknownTopic }
}
