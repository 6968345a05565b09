extension Settings {
    /// What a command cannot do without, beside the model's name.
    struct Needs: OptionSet, Sendable {
        let rawValue: Int

        /// Brokers to talk to.
        static let kafka = Needs(rawValue: 1)
        /// Topics of events.
        static let topics = Needs(rawValue: 2)
        /// Where the label stands in an event.
        static let label = Needs(rawValue: 4)

        static let all: Needs = [.kafka, .topics, .label]
    }

    /// Reads the settings strictly: an unknown key, a wrong type and an impossible combination are refused, all at once.
    ///
    /// - Parameters:
    ///   - file: the file's name, for messages.
    ///   - environment: the process's variables; those that begin with `FRESHET_` override the file.
    ///   - needs: what must be given for the command at hand.
    static func parse(
        yaml: String, file: String, environment: [String: String], needs: Needs = .all
    ) throws(SettingsError) -> Settings {
        var reader = SettingsReader(file: file)
        reader.read(yaml: yaml)
        SettingsEnvironment(environment: environment).apply(to: &reader)
        let checks = SettingsChecks(settings: reader.settings, origins: reader.origins, file: file)
        let problems = reader.problems + (reader.isComplete ? checks.problems(needs: needs) : [])
        guard problems.isEmpty else { throw SettingsError(problems) }
        return reader.settings
    }
}
