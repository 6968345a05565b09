extension Supervisor {
    /// What is wrong with the input, by the trainers' diagnosis and by the watchdog's own eyes.
    func feedFindings(at now: Int64) -> [Finding] {
        let owners = Set(processes.values.compactMap(\.status.lane)).sorted().compactMap { owner(of: $0) }
        let live = owners.filter { !isSilent($0, at: now) }
        var causes = Set(live.compactMap(diagnosis))
        if isTopicGone(at: now) {
            // Of a topic that is not there everything else follows.
            causes = causes.intersection(["broker-lost"]).union(["topic-gone"])
        } else if causes.isEmpty, let still = secondsStill(at: now), let limit = configuration.feedStalledAfter, still > limit {
            causes.insert("upstream-silent")
        }
        return causes.sorted().map { cause in
            cause == "broker-lost" ? trainersLostBroker() : stalled(cause, at: now)
        } + unreachableFindings(at: now)
    }

    private func isTopicGone(at now: Int64) -> Bool {
        goneSince.values.contains { seconds(since: $0, at: now) > configuration.topicGoneAfter }
    }

    /// One finding however many partitions there are: what is to be looked at is the same.
    private func unreachableFindings(at now: Int64) -> [Finding] {
        let lasting = unreachable.filter {
            now - $0.value.askedAt < Unreachable.forgottenAfter
                && seconds(since: $0.value.since, at: now) > configuration.partitionUnreachableAfter
        }
        guard let first = lasting.min(by: { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }) else { return [] }
        return [
            Finding(
                name: .feedStalled, severity: .ticket, labels: ["cause": "partition-unreachable"],
                summary: "\(lasting.count) input partitions of model \(configuration.model) cannot be reached",
                description: """
                    Brokers answer, but not for \(first.key.topic)[\(first.key.partition)] (\(first.value.detail)): it may have no leader. \
                    Nothing of such a partition can be learnt, and nothing be written to it; the others go on. Nothing is skipped. Look at the \
                    brokers that have its replicas.
                    """,
                command: configuration.command("topics check"))
        ]
    }

    /// Since when nothing was written to any input partition; nil if none is known.
    private func secondsStill(at now: Int64) -> Double? {
        feeds.values.map { $0.lastMoved ?? $0.firstSeen }.max().map { seconds(since: $0, at: now) }
    }

    /// The trainer's diagnosis if it is one to act upon. A gate frozen for the feed counts too: it stays so for its probation.
    private func diagnosis(_ trainer: SeenProcess) -> String? {
        let acting = ["upstream-silent", "partition-silent", "hanging-transaction", "topic-gone", "broker-lost"]
        if let feed = trainer.status.feed, acting.contains(feed) { return feed }
        let isFrozenForFeed = trainer.status.gate?.causes.contains { $0.kind == "feed-stalled" } ?? false
        return isFrozenForFeed ? "upstream-silent" : nil
    }

    private func stalled(_ cause: String, at now: Int64) -> Finding {
        let explanation =
            switch cause {
            case "partition-silent": "Some partitions are silent while others flow: look at the writers of those partitions."
            case "hanging-transaction": "Records are written but not committed: find the producer with the open transaction, or abort it."
            case "topic-gone": "\(topicsGone) does not exist any more. Trainers end, and do not begin with another topic of its name."
            default: "The brokers answer, but nothing is written to the input: look at what writes it."
            }
        let isGone = cause == "topic-gone"
        let still = isGone ? nil : secondsStill(at: now).map { " No record has been written for \(Int($0)) s." }
        let ending = isGone ? "learning waits for an operator." : "learning resumes by itself and skips nothing."
        return Finding(
            name: .feedStalled, severity: cause == "partition-silent" ? .ticket : .page, labels: ["cause": cause],
            summary: "The feed of model \(configuration.model) has stalled: \(cause)",
            description: "\(explanation)\(still ?? "") The last good version is served and marked stale; \(ending)",
            command: configuration.command("status"))
    }

    private var topicsGone: String { goneSince.isEmpty ? "The input topic" : goneSince.keys.sorted().joined(separator: ", ") }

    private func trainersLostBroker() -> Finding {
        Finding(
            name: .brokerLost, labels: ["cause": "trainer"], summary: "A trainer has lost the Kafka brokers",
            description: "The watchdog's brokers answer and a trainer's do not: look at the network and the credentials of the trainer.",
            command: configuration.command("topics check"))
    }
}
