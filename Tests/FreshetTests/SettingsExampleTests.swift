import Events
import Foundation
import Testing

@testable import Freshet

/// The configurations that are shipped as examples must be ones.
@Suite struct SettingsExampleTests {
    private static let deploy = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy").standardizedFileURL

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.deploy.appending(path: path), encoding: .utf8)
    }

    @Test func theExampleIsAcceptedAsItStands() throws {
        let settings = try Settings.parse(yaml: text("freshet.yaml"), file: "freshet.yaml", environment: [:])
        #expect(settings.model == "flights")
        #expect(settings.features.declared["distance"]?.range == 0...10)
    }

    @Test func theExampleIsAcceptedWithWhatTheComposeFileOverrides() throws {
        let overrides = [
            "FRESHET_KAFKA_BOOTSTRAP_SERVERS": "kafka:19092", "FRESHET_ALLOW_PLAINTEXT": "true", "FRESHET_LOG_FORMAT": "json",
            "FRESHET_METRICS_LISTEN": "0.0.0.0:9465", "FRESHET_WATCH_ALERTMANAGER": "http://alertmanager:9093",
            "FRESHET_SERVE_LISTEN": "0.0.0.0:8080",
        ]
        let compose = try text("../docker-compose.yml")
        for (name, value) in overrides {
            #expect(compose.contains("\(name): \(value)") || compose.contains("\(name): \"\(value)\""), "\(name)")
        }
        let settings = try Settings.parse(yaml: text("freshet.yaml"), file: "freshet.yaml", environment: overrides)
        #expect(settings.kafka["bootstrap.servers"] == "kafka:19092")
    }

    @Test func theConfigurationOfTheManifestsIsAccepted() throws {
        let manifest = try text("kubernetes/configuration.yaml")
        let block = try #require(manifest.components(separatedBy: "freshet.yaml: |\n").last)
        let yaml = block.split(separator: "\n", omittingEmptySubsequences: false).map { $0.dropFirst(4) }.joined(separator: "\n")
        let settings = try Settings.parse(
            yaml: yaml, file: "configuration.yaml",
            environment: ["FRESHET_METRICS_LISTEN": "0.0.0.0:9464", "FRESHET_KAFKA_SASL_PASSWORD": "hunter2"])
        #expect(settings.kafka["security.protocol"] == "sasl_ssl")
        #expect(!settings.allowPlaintext)
    }
}
