/// Which alerts are out, so that each is told once, repeated at intervals, and ended.
///
/// ```
///            found                     resendEvery passed, still found: resend
///  ┌──────┐ ───────> fire ──> ┌────────┐ ──┐
///  │ none │                   │ firing │ <─┘
///  └──────┘ <── resolve <──── └────────┘
///              not found for resolveAfter
/// ```
/// While the watchdog cannot see (no broker answers), nothing is found and nothing is over: `reconcile` is told what is in doubt.
struct AlertBook: Equatable {
    private struct Entry: Equatable {
        var finding: Finding
        var startsAt: Int64
        var lastFound: Int64
        var lastSent: Int64
    }

    private var entries: [Alert.Identity: Entry] = [:]

    /// - Parameters:
    ///   - findings: everything that is wrong now and can be seen.
    ///   - isBlind: of alerts that are not among the findings nothing is known.
    mutating func reconcile(
        _ findings: [Finding], at now: Int64, isBlind: Bool, _ configuration: SupervisorConfiguration
    ) -> [AlertAction] {
        let endsAt = now + Int64(configuration.resendEvery * 4_000)
        var actions: [AlertAction] = []
        for finding in findings {
            let alert = finding.alert(configuration, startsAt: now, endsAt: endsAt)
            if entries[alert.identity] != nil {
                entries[alert.identity]?.finding = finding
                entries[alert.identity]?.lastFound = now
            } else {
                entries[alert.identity] = Entry(finding: finding, startsAt: now, lastFound: now, lastSent: now)
                actions.append(.fire(alert))
            }
        }
        for (identity, entry) in entries {
            let isOver = !isBlind && now - entry.lastFound >= Int64(configuration.resolveAfter * 1_000)
            if isOver {
                entries[identity] = nil
                actions.append(.resolve(entry.finding.alert(configuration, startsAt: entry.startsAt, endsAt: now)))
            } else if now - entry.lastSent >= Int64(configuration.resendEvery * 1_000) {
                entries[identity]?.lastSent = now
                actions.append(.resend(entry.finding.alert(configuration, startsAt: entry.startsAt, endsAt: endsAt)))
            }
        }
        return actions.sorted { $0.alert.sortKey < $1.alert.sortKey }
    }

    /// Everything that fires, sorted.
    func active(_ configuration: SupervisorConfiguration) -> [Alert] {
        entries.values
            .map { entry in
                let endsAt = entry.lastSent + Int64(configuration.resendEvery * 4_000)
                return entry.finding.alert(configuration, startsAt: entry.startsAt, endsAt: endsAt)
            }
            .sorted { $0.sortKey < $1.sortKey }
    }
}

extension Alert {
    fileprivate var sortKey: String {
        name.rawValue + labels.sorted { $0.key < $1.key }.map { "\u{0}\($0.key)\u{0}\($0.value)" }.joined()
    }
}
