import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Every configuration key with its type, default, environment name and meaning.")
    @OptionGroup var output: OutputOption

    struct Key: Encodable {
        var key: String
        var type: String
        var defaultValue: String?
        var environment: String
        var meaning: String
    }

    func run() throws {
        let keys = Settings.reference.map {
            Key(key: $0.key, type: $0.type, defaultValue: $0.defaultValue, environment: $0.environment, meaning: $0.meaning)
        }
        try output.write(keys) { keys in
            keys.map {
                "\($0.key): \($0.type)\($0.defaultValue.map { " (default \($0))" } ?? "")\n    \($0.meaning)\n    \($0.environment)"
            }
            .joined(separator: "\n")
        }
    }
}
