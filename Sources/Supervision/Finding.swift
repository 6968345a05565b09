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

extension SupervisorConfiguration {
    /// A command as an operator would type it.
    func command(_ verb: String) -> String { "freshet \(verb) --config \(configurationFile)" }
}
