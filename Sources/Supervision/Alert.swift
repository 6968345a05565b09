/// How urgent: somebody now, somebody in working hours, or nobody as long as it is repeated.
public enum AlertSeverity: String, Codable, Sendable {
    case page, ticket
    case nobody = "none"
}

/// Something a person should look at.
public struct Alert: Equatable, Sendable {
    /// What an alert is told apart by.
    public struct Identity: Hashable, Sendable {
        public var name: Name
        /// Bounded: lane and cause, never an instance or a value.
        public var labels: [String: String]
    }

    /// All alerts there are. The raw value names the alert in documents, and its page among the runbooks.
    public enum Name: String, Codable, CaseIterable, Sendable {
        case trainerSilent = "trainer-silent"
        case noTrainer = "no-trainer"
        case trainerHung = "trainer-hung"
        case feedStalled = "feed-stalled"
        case gateFrozen = "gate-frozen"
        case publisherBehind = "publisher-behind"
        case noPublisher = "no-publisher"
        case modelStale = "model-stale"
        case brokerLost = "broker-lost"
        case checkpointBlocked = "checkpoint-blocked"
        case detectorRaised = "detector-raised"
        /// Fires always: whoever hears it no more knows that the watchdog, or the way from it, is dead.
        case watchdogAlive = "watchdog-alive"

        /// As alerts are named where Prometheus is at home: `FreshetTrainerSilent`.
        public var alertname: String {
            "Freshet" + rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }
    }

    public var name: Name
    public var severity: AlertSeverity
    /// `model`, and `lane` or `cause` where there are several.
    public var labels: [String: String]
    /// `summary`, `description`, `runbook_url` and `command`.
    public var annotations: [String: String]
    /// Milliseconds since 1970.
    public var startsAt: Int64
    /// When receivers that hear nothing more may consider it over; for a resolved alert, when it was over.
    public var endsAt: Int64

    public var identity: Identity { Identity(name: name, labels: labels) }

    /// Whether something is wrong, and not merely said to be in order.
    public var isTrouble: Bool { name != .watchdogAlive }
}

/// What is to be told about an alert.
public enum AlertAction: Equatable, Sendable {
    case fire(Alert)
    /// It goes on; for receivers that forget.
    case resend(Alert)
    case resolve(Alert)

    public var alert: Alert {
        switch self {
        case .fire(let alert), .resend(let alert), .resolve(let alert): alert
        }
    }
}
