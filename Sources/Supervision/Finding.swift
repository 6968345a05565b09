/// Something that is wrong now; an alert without its times.
struct Finding: Equatable {
    var name: Alert.Name
    var severity = AlertSeverity.page
    /// Besides `model`.
    var labels: [String: String] = [:]
    var summary: String
    var description: String
    /// What to type first.
    var command: String

    func alert(_ configuration: SupervisorConfiguration, startsAt: Int64, endsAt: Int64) -> Alert {
        var labels = labels
        labels["model"] = configuration.model
        return Alert(
            name: name, severity: severity, labels: labels,
            annotations: [
                "summary": summary,
                "description": description,
                "runbook_url": "\(configuration.runbookBase)/\(name.rawValue).md",
                "command": command,
            ],
            startsAt: startsAt, endsAt: endsAt)
    }
}

extension Finding {
    /// What a watchdog before this one had told; nil if it was of another model, or is of a build that knows more alerts.
    init?(_ alert: ProcessStatus.FiringAlert, model: String) {
        guard let name = Alert.Name(rawValue: alert.alert), name != .watchdogAlive, alert.labels["model"] == model else { return nil }
        self.name = name
        severity = AlertSeverity(rawValue: alert.severity) ?? .page
        labels = alert.labels.filter { $0.key != "model" }
        summary = alert.summary
        description = alert.description
        command = alert.command
    }
}

extension ProcessStatus.FiringAlert {
    public init(_ alert: Alert) {
        self.init(
            alert: alert.name.rawValue, severity: alert.severity.rawValue, labels: alert.labels, startsAt: alert.startsAt,
            summary: alert.annotations["summary"] ?? "", description: alert.annotations["description"] ?? "",
            command: alert.annotations["command"] ?? "")
    }
}

extension SupervisorConfiguration {
    /// A command as an operator would type it.
    func command(_ verb: String) -> String { "freshet \(verb) --config \(configurationFile)" }
}
