extension Supervisor {
    func trainerFindings(at now: Int64) -> [Finding] {
        let trainers = processes.values.filter { $0.status.process == .trainer }
        if trainers.isEmpty { return noTrainer(at: now) }
        let lanes = Set(trainers.compactMap(\.status.lane)).sorted()
        let owners = lanes.compactMap { lane in owner(of: lane).map { (lane, $0) } }
        return owners.flatMap { lane, owner in
            isSilent(owner, at: now)
                ? [silent(owner, lane, at: now)]
                : hung(owner, lane, at: now) + frozen(owner, lane) + raised(owner, lane) + blocked(owner, lane, at: now)
        }
    }

    func isSilent(_ trainer: SeenProcess, at now: Int64) -> Bool {
        seconds(since: trainer.lastSeen, at: now) > configuration.trainerSilentAfter
    }

    private func noTrainer(at now: Int64) -> [Finding] {
        let silence = secondsWithout(.trainer, at: now)
        guard silence > configuration.noTrainerAfter else { return [] }
        return [
            Finding(
                name: .noTrainer, summary: "No trainer runs for model \(configuration.model)",
                description: """
                    No trainer has been heard of for \(Int(silence)) s. The model is served as it is and does not learn. \
                    Start `freshet train`.
                    """,
                command: configuration.command("status"))
        ]
    }

    private func silent(_ owner: SeenProcess, _ lane: Int, at now: Int64) -> Finding {
        let silence = Int(seconds(since: owner.lastSeen, at: now))
        return Finding(
            name: .trainerSilent, labels: ["lane": String(lane)], summary: "The trainer of lane \(lane) is silent",
            description: """
                Trainer \(owner.status.instance) on \(owner.status.host) has sent no status for \(silence) s, \
                and no other has taken the lane. It is dead, cut off from Kafka, or stopped. Serving goes on; no event is lost, \
                they wait in the input topic.
                """,
            command: configuration.command("status"))
    }

    private func hung(_ owner: SeenProcess, _ lane: Int, at now: Int64) -> [Finding] {
        let still = seconds(since: owner.lastProgress, at: now)
        let isFeedAtFault = owner.status.feed.map { $0 != "flowing" && $0 != "overload" } ?? false
        guard still > configuration.trainerHungAfter, !isFeedAtFault, feedMoved(after: owner) else { return [] }
        return [
            Finding(
                name: .trainerHung, labels: ["lane": String(lane)], summary: "The trainer of lane \(lane) takes no events",
                description: """
                    Trainer \(owner.status.instance) on \(owner.status.host) sends heartbeats but has taken no event for \(Int(still)) s, \
                    while its input goes on. Restarting it loses nothing: it goes on from its last version.
                    """,
                command: configuration.command("status"))
        ]
    }

    /// Whether one of the trainer's partitions was written to after it last took an event.
    private func feedMoved(after owner: SeenProcess) -> Bool {
        (owner.status.positions ?? []).contains { position in
            guard let feed = feeds[PartitionKey(topic: position.topic, partition: position.partition)] else { return false }
            return feed.lastMoved.map { $0 > owner.lastProgress } ?? false && feed.high > position.inspected
        }
    }

    private func frozen(_ owner: SeenProcess, _ lane: Int) -> [Finding] {
        guard let gate = owner.status.gate, gate.state == "frozen" else { return [] }
        // Silence of the feed and of the broker freezes too, and has alerts of its own.
        let causes = gate.causes.filter { $0.kind != "feed-stalled" && $0.kind != "broker-lost" }
        let kinds = Set(causes.map(\.kind)).sorted()
        return kinds.map { kind in
            let same = causes.filter { $0.kind == kind }
            let isAutomatic = same.allSatisfy { $0.resume == "automatic" }
            let ending = isAutomatic ? "by itself once the input is good again" : "when an operator says so"
            return Finding(
                name: .gateFrozen, severity: kind == "operator" ? .ticket : .page, labels: ["lane": String(lane), "cause": kind],
                summary: "Learning is frozen: \(kind)",
                description: """
                    \(same.map(\.detail).joined(separator: " ")) The last good version is served. Learning resumes \(ending).
                    """,
                command: configuration.command(isAutomatic ? "status" : "resume"))
        }
    }

    /// Detectors that only alert, one finding for each family of them: their names hold field paths, and labels are to be few.
    private func raised(_ owner: SeenProcess, _ lane: Int) -> [Finding] {
        let families = Dictionary(grouping: owner.status.raised ?? []) { String($0.detector.prefix { $0 != "/" }) }
        return families.sorted { $0.key < $1.key }.map { family, raised in
            let shown = raised.prefix(5).map { "\($0.detector): \($0.detail)" }.joined(separator: " ")
            let rest = raised.count > 5 ? " And \(raised.count - 5) more." : ""
            return Finding(
                name: .detectorRaised, severity: .ticket, labels: ["lane": String(lane), "cause": family],
                summary: "Something is unusual in the feed: \(family)",
                description: "\(shown)\(rest) Learning goes on. The audit topic has the evidence of each alarm.",
                command: configuration.command("status"))
        }
    }

    private func blocked(_ owner: SeenProcess, _ lane: Int, at now: Int64) -> [Finding] {
        guard let since = lanes[lane]?.uncommittedSince else { return [] }
        let waiting = seconds(since: since, at: now)
        guard waiting > configuration.checkpointBlockedAfter else { return [] }
        return [
            Finding(
                name: .checkpointBlocked, labels: ["lane": String(lane)], summary: "Lane \(lane) learns but writes no versions",
                description: """
                    Events have been learnt for \(Int(waiting)) s without a new version after \(lanes[lane]?.reportedVersion ?? 0). \
                    A restart would learn them again. Look for errors of the checkpoint topic in the trainer's log: size limits, ACLs, \
                    brokers out of sync.
                    """,
                command: configuration.command("topics check"))
        ]
    }
}
