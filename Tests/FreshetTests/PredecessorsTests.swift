import Supervision
import Testing

@testable import Freshet

/// The watchdogs before this one.
@Suite struct PredecessorsTests {
    private func watchdog(_ instance: String, heartbeat: UInt64 = 1, model: String = "flowers", alerts: [String] = []) -> ProcessStatus {
        var status = ProcessStatus(
            process: .watchdog, instance: instance, host: "h", build: "1", model: model, at: 1, heartbeat: heartbeat)
        status.alerts = alerts.map {
            ProcessStatus.FiringAlert(
                alert: $0, severity: "page", labels: ["model": model], startsAt: 1, summary: "", description: "", command: "")
        }
        return status
    }

    @Test func theirAlertsAreTakenOverOnce() {
        var predecessors = Predecessors()
        #expect(!predecessors.wereRead)
        let statuses = [
            watchdog("a", alerts: ["no-trainer"]), watchdog("b", alerts: ["no-publisher"]),
            watchdog("c", model: "trees", alerts: ["model-stale"]),
        ]
        #expect(predecessors.alerts(in: statuses, of: "flowers")?.map(\.alert) == ["no-trainer", "no-publisher"])
        #expect(predecessors.wereRead && predecessors.alerts(in: statuses, of: "flowers") == nil)
    }

    @Test func theWordOfTheDeadIsTakenBackAndThatOfTheLivingIsNot() {
        var predecessors = Predecessors()
        for second in 0...90 {
            let statuses = [watchdog("dead"), watchdog("living", heartbeat: UInt64(second)), watchdog("me")]
            predecessors.look(at: statuses, but: "me", at: Int64(second) * 1_000)
            let over = predecessors.takeOver(at: Int64(second) * 1_000)
            #expect(over == (second == 61 ? ["dead"] : []), "second \(second)")
        }
    }
}
