import Foundation
import Supervision
import Testing

/// The metrics that are documented are those that are emitted, and rules and dashboard use no others.
@Suite struct SurfaceMetricsTests {
    private struct Metric: Hashable {
        var name: String
        var type: String
    }

    private static let table = Catalogue.page("Metrics").table(under: "Every metric")

    private static var documented: [String: [String]] {
        get throws {
            let table = try #require(table)
            return Dictionary(uniqueKeysWithValues: table.rows.map { ($0[0].uncoded, [$0[1]] + $0[2].codes) })
        }
    }

    /// Every name in the sources, with the calls it stands in.
    private static var emitted: [String: Set<String>] {
        var calls: [String: Set<String>] = [:]
        for file in Catalogue.sources(under: "Sources") {
            for match in file.text.matches(of: /([A-Za-z.]*)\(\s*(?:label: )?"((?:freshet|kafka)_[a-z0-9_]+)"/) {
                calls[String(match.2), default: []].insert(String(match.1))
            }
        }
        return calls
    }

    @Test func everyEmittedMetricIsDocumentedAndNoOther() throws {
        #expect(try Set(Self.documented.keys) == Set(Self.emitted.keys))
    }

    @Test func typesAreThose() throws {
        let types = [
            "Gauge": "gauge", "gauge": "gauge", "set": "gauge", "Counter": "counter", "count": "counter", "Timer": "histogram",
            "Metrics.Timer": "histogram", "": "gauge",
        ]
        for (name, calls) in Self.emitted {
            let emitted = Set(calls.compactMap { types[$0] })
            #expect(emitted == Set([try Self.documented[name]?.first].compactMap { $0 }), "\(name) by \(calls.sorted())")
        }
    }

    /// A label that no file which emits the metric names could not be on it.
    @Test func labelsAreNamedWhereTheMetricIs() throws {
        let files = Catalogue.sources(under: "Sources")
        for (name, row) in try Self.documented {
            let labels = files.filter { $0.text.contains("\"\(name)\"") }.flatMap { file in
                file.text.matches(of: #/\("([a-z]+)",/#).map { String($0.1) }
            }
            #expect(Set(row.dropFirst()).subtracting(labels) == [], "\(name)")
        }
    }

    // MARK: - Rules and dashboard

    @Test(arguments: ["deploy/prometheus/rules.yml", "deploy/prometheus/rules_test.yml", "deploy/grafana/freshet.json"])
    func everyMetricThatIsUsedIsEmitted(file: String) throws {
        // A recorded series is named by its level: model:freshet_…:ratio_rate5m.
        let text = Catalogue.text(file).replacing(/[a-z]+:[a-z_]+:[a-z0-9_]+/, with: "")
        let documented = try Self.documented
        let used = text.matches(of: /\b((?:freshet|kafka)_[a-z0-9_]+)/).map { match -> String in
            let name = String(match.1)
            let base = name.replacing(/_(bucket|sum|count)$/, with: "")
            return documented[base]?.first == "histogram" ? base : name
        }
        #expect(!used.isEmpty)
        #expect(Set(used).subtracting(documented.keys) == [])
    }

    /// The catalogue lists the alerts of the watchdog and those of the rules alone.
    @Test func everyAlertIsDocumentedAndHasARunbook() throws {
        let table = try #require(Catalogue.page("JSONDocuments").table(under: "Alerts"))
        #expect(table.column("Alert") == Alert.Name.allCases.map(\.rawValue))
        #expect(table.column("Alertmanager's name") == Alert.Name.allCases.map(\.alertname))
        for alert in Alert.Name.allCases { #expect(!Catalogue.text("deploy/runbooks/\(alert.rawValue).md").isEmpty, "\(alert.rawValue)") }

        let rules = Catalogue.text("deploy/prometheus/rules.yml")
        let named = Set(rules.matches(of: /alert: (\w+)/).map { String($0.1) })
        let text = Catalogue.text("Sources/Freshet/Documentation.docc/Metrics.md")
        #expect(named.subtracting(Alert.Name.allCases.map(\.alertname)).filter { !text.contains("`\($0)`") } == [])
        for runbook in rules.matches(of: /runbook_url: (\S+)/) { #expect(!Catalogue.text(String(runbook.1)).isEmpty, "\(runbook.1)") }
    }
}
