import Foundation
@testable import Supervision
import Testing

@Suite("Status document")
struct ProcessStatusTests {
    static let example = """
        {
          "process": "trainer", "instance": "01J9ZK8Q4T", "host": "node-3", "build": "1.2.0", "model": "flowers", "lane": 0,
          "at": 1388534400000, "heartbeat": 4711, "version": 42, "versionCreatedAt": 1388534395000,
          "gate": {"state": "frozen", "causes": [
            {"kind": "label-rate", "detail": "Labels of 1 fell from 5 % to 0 %.", "since": 1388534390000, "resume": "manual"}]},
          "positions": [{"topic": "purchases", "partition": 0, "learned": 1000, "inspected": 1200, "end": 1250}],
          "counts": {"learned": 990, "quarantined": 10, "skipped": 0, "gaps": 0, "rejectedByReason": {"not-json": 10}},
          "metrics": {"examples": 990, "weight": 990, "logLoss": 0.21, "auc": 0.74},
          "twin": {"ageSeconds": 3600, "version": 7, "metrics": {"examples": 990, "weight": 990, "logLoss": 0.23}},
          "lag": 50, "feed": "flowing"
        }
        """

    @Test func documentedExampleIsReadAndWrittenBackAsItIs() throws {
        let status = try JSONDecoder().decode(ProcessStatus.self, from: Data(Self.example.utf8))
        #expect(status.counts?.rejectedByReason == ["not-json": 10])
        let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(status)) as? NSDictionary
        let expected = try JSONSerialization.jsonObject(with: Data(Self.example.utf8)) as? NSDictionary
        #expect(written == expected)
    }

    @Test func membersThatDoNotApplyAreAbsent() throws {
        let status = ProcessStatus(
            process: .publisher, instance: "p", host: "h", build: "1", model: "m", at: 1, heartbeat: 2, servedVersion: [42, 17])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(status), as: UTF8.self)
                == """
                {"at":1,"build":"1","heartbeat":2,"host":"h","instance":"p","model":"m","process":"publisher",\
                "servedVersion":[42,17]}
                """
        )
    }

    @Test func whatAWatchdogHasToldIsReadBack() throws {
        var status = ProcessStatus(process: .watchdog, instance: "w", host: "h", build: "1", model: "flowers", at: 1, heartbeat: 2)
        status.alerts = [ProcessStatus.FiringAlert(.sample())]
        let read = try JSONDecoder().decode(ProcessStatus.self, from: JSONEncoder().encode(status))
        #expect(read == status)
        #expect(read.alerts?.first?.alert == "gate-frozen" && read.alerts?.first?.labels["cause"] == "label-rate")
    }

    @Test func membersOfLaterBuildsAreIgnored() throws {
        let json = #"{"process":"watchdog","instance":"w","host":"h","build":"9","model":"m","at":1,"heartbeat":2,"mood":"good"}"#
        #expect(try JSONDecoder().decode(ProcessStatus.self, from: Data(json.utf8)).process == .watchdog)
    }
}
