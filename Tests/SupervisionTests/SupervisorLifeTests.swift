@testable import Supervision
import Testing

@Suite("Supervisor: its own life")
struct SupervisorLifeTests {
    @Test func theWatchdogSaysThatItLivesWhateverHappens() {
        var scenario = Scenario()
        var told: [AlertAction] = []
        for second in 0..<600 {
            if second == 200 { scenario.isBrokerAnswering = false }
            told += scenario.evaluation().filter { !$0.alert.isTrouble }
        }
        #expect(told.count == 10)
        #expect(told.allSatisfy { $0.alert.name.alertname == "FreshetWatchdogAlive" && $0.alert.severity.rawValue == "none" })
        let isOnceAtFirst = told.enumerated().allSatisfy { index, action in
            if case .fire = action { index == 0 } else if case .resend = action { index > 0 } else { false }
        }
        #expect(isOnceAtFirst)
        #expect(scenario.supervisor.activeAlerts.map(\.name) == [.brokerLost], "which is all that is wrong")
    }

    @Test func whatTheWatchdogBeforeHadToldIsNotToldAgain() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTrainerSpeaking = false
        #expect(scenario.fired(in: 40) == ["trainer-silent"])
        let before = scenario.supervisor.activeAlerts
        scenario.restart(after: 3)
        #expect(scenario.fired(in: 120) == [])
        #expect(scenario.supervisor.activeAlerts.map(\.startsAt) == before.map(\.startsAt))
        scenario.trainer.gate = .frozen(("label-rate", "manual"))
        scenario.isTrainerSpeaking = true
        #expect(scenario.fired(in: 5) == ["gate-frozen"])
        #expect(scenario.resolved(in: 11) == ["trainer-silent"])
    }

    @Test func whatIsOverWhenTheNextWatchdogStartsIsEnded() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.trainer.gate = .frozen(("label-rate", "manual"))
        scenario.isPublisherSpeaking = false
        #expect(scenario.fired(in: 40) == ["gate-frozen", "no-publisher"])
        scenario.trainer.gate = ProcessStatus.GateStatus(state: "open")
        scenario.isPublisherSpeaking = true
        scenario.restart(after: 30)
        #expect(scenario.resolved(in: 12) == ["gate-frozen"])
        #expect(scenario.resolved(in: 40) == ["no-publisher"], "it takes as long as to find it")
        #expect(scenario.supervisor.activeAlerts.isEmpty)
    }

    @Test func receiversThatForgetAreToldAgainSoonAfterTheStart() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.trainer.gate = .frozen(("label-rate", "manual"))
        _ = scenario.pass(seconds: 5)
        scenario.restart()
        let first = scenario.pass(seconds: 1)
        #expect(first.count == 1)
        #expect(first.allSatisfy { if case .resend(let alert) = $0 { alert.endsAt == scenario.now + 240_000 } else { false } })
    }

    @Test func alertsOfOtherModelsAndLaterBuildsAreNotTakenOver() {
        var scenario = Scenario()
        func alert(_ name: String, _ model: String) -> ProcessStatus.FiringAlert {
            .init(
                alert: name, severity: "page", labels: ["model": model], startsAt: 1, summary: "s", description: "d", command: "c")
        }
        scenario.supervisor.adopt(
            [alert("no-trainer", "trees"), alert("boredom", "flowers"), alert("watchdog-alive", "flowers")], at: scenario.now)
        #expect(scenario.supervisor.activeAlerts.isEmpty)
    }
}
