extension Supervisor {
    func publisherFindings(at now: Int64) -> [Finding] {
        let publishers = processes.values.filter { $0.status.process == .publisher }
        let live = publishers.filter { seconds(since: $0.lastSeen, at: now) <= configuration.noPublisherAfter }
        if live.isEmpty { return noPublisher(at: now) }
        return behind(live, at: now) + stale(live, at: now)
    }

    private func noPublisher(at now: Int64) -> [Finding] {
        let silence = secondsWithout(.publisher, at: now)
        guard configuration.expectsPublisher, silence > configuration.noPublisherAfter else { return [] }
        return [
            Finding(
                name: .noPublisher, summary: "No publisher runs for model \(configuration.model)",
                description: "No publisher has sent a status for \(Int(silence)) s: nobody may be answering requests. "
                    + "Start `freshet serve`.",
                command: configuration.command("status"))
        ]
    }

    /// One finding however many publishers are behind: they read the same topic, and the first to look at is any of them.
    private func behind(_ live: [SeenProcess], at now: Int64) -> [Finding] {
        let late = live.filter { secondsBehind($0, at: now) > configuration.publisherBehindAfter }
        guard let worst = late.max(by: { secondsBehind($0, at: now) < secondsBehind($1, at: now) }) else { return [] }
        let served = worst.status.servedVersion.map { $0.map(String.init).joined(separator: ".") } ?? "none"
        return [
            Finding(
                name: .publisherBehind, severity: .ticket, summary: "\(late.count) of \(live.count) publishers serve an old version",
                description: """
                    Publisher \(worst.status.instance) on \(worst.status.host) serves version \(served), although a newer one was cleared \
                    \(Int(secondsBehind(worst, at: now))) s ago. It does not read the checkpoint topic, or its gate refuses the version; \
                    its status page says which.
                    """,
                command: configuration.command("versions"))
        ]
    }

    /// Since when a version newer than the served one has been cleared, in the lane where that is longest.
    private func secondsBehind(_ publisher: SeenProcess, at now: Int64) -> Double {
        let served = publisher.status.servedVersion ?? []
        return lanes.map { index, lane in
            let version = served.indices.contains(index) ? served[index] : 0
            guard let missed = lane.cleared.first(where: { $0.version > version }) else { return 0 }
            return seconds(since: missed.at, at: now)
        }.max() ?? 0
    }

    /// The symptom clients feel, whatever the cause. A model that has learnt all there is to learn is as fresh as it can be.
    private func stale(_ live: [SeenProcess], at now: Int64) -> [Finding] {
        guard let writtenAt = live.compactMap(\.versionWrittenAt).max() else { return [] }
        // The statuses read first after a time of not seeing may be old ones.
        guard secondsSeeing(at: now) > configuration.noPublisherAfter else { return [] }
        let age = Double(now - writtenAt) / 1_000
        let hasNewerEvents = feeds.isEmpty || feeds.values.contains { $0.lastMoved.map { $0 > writtenAt } ?? false }
        guard age > configuration.modelStaleAfter, hasNewerEvents else { return [] }
        return [
            Finding(
                name: .modelStale, summary: "The served model is \(Int(age)) s old",
                description: "There are newer events, but no publisher serves a version that has learnt them. "
                    + "Other alerts of this model name the cause, if it is known.",
                command: configuration.command("status"))
        ]
    }
}
