/// Which alerts are out, so that each is told once, repeated at intervals, and ended.
///
/// ```
///            found                     resendEvery passed, still found: resend
///  ┌──────┐ ───────> fire ──> ┌────────┐ ──┐
///  │ none │ ── adopted ─────> │ firing │ <─┘
///  └──────┘ <── resolve <──── └────────┘
///              not found for resolveAfter
/// ```
/// While the watchdog cannot see (no broker answers), nothing is found and nothing is over: `reconcile` is told what is in doubt. What a
/// watchdog before this one had told is adopted: it is not told again, and its end is.
struct AlertBook: Equatable {
    /// The times at which something is done: by the watchdog's steady clock, which durations are taken from, and by the wall's, which
    /// receivers are told. Both in milliseconds.
    struct Moment: Equatable {
        var now: Int64
        var wall: Int64
    }

    private struct Entry: Equatable {
        var finding: Finding
        /// By the wall's clock.
        var startsAt: Int64
        var endsAt: Int64
        /// By the steady one.
        var lastFound: Int64
        var lastSent: Int64
    }

    private var entries: [Alert.Identity: Entry] = [:]

    /// - Parameters:
    ///   - findings: everything that is wrong now and can be seen.
    ///   - isBlind: of alerts that are not among the findings nothing is known.
    mutating func reconcile(
        _ findings: [Finding], at moment: Moment, isBlind: Bool, _ configuration: SupervisorConfiguration
    ) -> [AlertAction] {
        let endsAt = moment.wall + Int64(configuration.resendEvery * 4_000)
        var actions: [AlertAction] = []
        for finding in findings {
            let alert = finding.alert(configuration, startsAt: moment.wall, endsAt: endsAt)
            if entries[alert.identity] != nil {
                entries[alert.identity]?.finding = finding
                entries[alert.identity]?.lastFound = moment.now
            } else {
                entries[alert.identity] = Entry(
                    finding: finding, startsAt: moment.wall, endsAt: endsAt, lastFound: moment.now, lastSent: moment.now)
                actions.append(.fire(alert))
            }
        }
        for identity in entries.keys {
            if let action = goOn(with: identity, at: moment, endsAt: endsAt, isBlind: isBlind, configuration) { actions.append(action) }
        }
        return actions.sorted { $0.alert.sortKey < $1.alert.sortKey }
    }

    /// Ends or repeats an alert, if it is time for that.
    private mutating func goOn(
        with identity: Alert.Identity, at moment: Moment, endsAt: Int64, isBlind: Bool, _ configuration: SupervisorConfiguration
    ) -> AlertAction? {
        guard let entry = entries[identity] else { return nil }
        if !isBlind, moment.now - entry.lastFound >= Int64(configuration.resolveAfter * 1_000) {
            entries[identity] = nil
            return .resolve(entry.finding.alert(configuration, startsAt: entry.startsAt, endsAt: moment.wall))
        }
        guard moment.now - entry.lastSent >= Int64(configuration.resendEvery * 1_000) else { return nil }
        entries[identity]?.lastSent = moment.now
        entries[identity]?.endsAt = endsAt
        return .resend(entry.finding.alert(configuration, startsAt: entry.startsAt, endsAt: endsAt))
    }

    /// Takes over an alert that was told before, unless it is known. It is repeated soon, and over when it was not found again although there was
    /// time to.
    mutating func adopt(_ finding: Finding, startsAt: Int64, at moment: Moment, _ configuration: SupervisorConfiguration) {
        let identity = finding.alert(configuration, startsAt: startsAt, endsAt: moment.wall).identity
        guard entries[identity] == nil else { return }
        let grace = Int64(configuration.secondsToFind(finding.name) * 1_000)
        entries[identity] = Entry(
            finding: finding, startsAt: startsAt, endsAt: moment.wall, lastFound: moment.now + grace,
            lastSent: moment.now - Int64(configuration.resendEvery * 1_000))
    }

    /// Everything that fires, sorted.
    func active(_ configuration: SupervisorConfiguration) -> [Alert] {
        entries.values
            .map { $0.finding.alert(configuration, startsAt: $0.startsAt, endsAt: $0.endsAt) }
            .sorted { $0.sortKey < $1.sortKey }
    }
}

extension Alert {
    fileprivate var sortKey: String {
        name.rawValue + labels.sorted { $0.key < $1.key }.map { "\u{0}\($0.key)\u{0}\($0.value)" }.joined()
    }
}
