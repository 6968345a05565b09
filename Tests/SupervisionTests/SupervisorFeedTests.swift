@testable import Supervision
import Testing

@Suite("Supervisor: the gate and the feed")
struct SupervisorFeedTests {
    @Test func everyCauseOfAFreezeIsAnAlertOfItsOwn() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.trainer.gate = .frozen(("label-rate", "manual"), ("reject-rate", "automatic"), ("reject-rate", "automatic"))
        let alerts = scenario.pass(seconds: 1).map(\.alert)
        #expect(alerts.map { $0.labels["cause"] } == ["label-rate", "reject-rate"])
        #expect(alerts.allSatisfy { $0.severity == .page && $0.labels["lane"] == "0" })
        #expect(alerts[0].annotations["command"] == "freshet resume --config freshet.yaml")
        #expect(alerts[1].annotations["command"] == "freshet status --config freshet.yaml")
        scenario.trainer.gate = .frozen(("label-rate", "manual"))
        #expect(scenario.pass(seconds: 11).map(\.alert.labels["cause"]) == ["reject-rate"])
    }

    @Test func freezeByAnOperatorIsATicket() {
        var scenario = Scenario()
        scenario.trainer.gate = .frozen(("operator", "manual"))
        #expect(scenario.pass(seconds: 1).map(\.alert.severity) == [.ticket])
    }

    @Test func stalledFeedIsToldByTheTrainersDiagnosis() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.rate = 0
        scenario.trainer.feed = "upstream-silent"
        scenario.trainer.gate = .frozen(("feed-stalled", "automatic"))
        #expect(scenario.fired(in: 60) == ["feed-stalled"])
        scenario.trainer.feed = "flowing"
        #expect(scenario.resolved(in: 30) == [])
        scenario.trainer.gate = ProcessStatus.GateStatus(state: "open")
        #expect(scenario.resolved(in: 11) == ["feed-stalled"])
    }

    @Test func stalledFeedIsSeenByTheWatchdogWhenNoTrainerSaysSo() {
        var scenario = Scenario { $0.modelStaleAfter = 100_000 }
        _ = scenario.pass(seconds: 60)
        scenario.rate = 0
        scenario.isCheckpointing = false
        #expect(scenario.fired(in: 600) == [])
        #expect(scenario.fired(in: 1) == ["feed-stalled"])
        scenario.rate = 10
        scenario.isCheckpointing = true
        #expect(scenario.resolved(in: 11) == ["feed-stalled"])
    }

    @Test func silentPartitionIsATicket() {
        var scenario = Scenario()
        scenario.trainer.feed = "partition-silent"
        #expect(scenario.pass(seconds: 1).map(\.alert.severity) == [.ticket])
    }

    @Test func aTopicThatIsGoneIsNotTheUpstreamsSilence() {
        var scenario = Scenario { $0.modelStaleAfter = 100_000 }
        _ = scenario.pass(seconds: 60)
        scenario.isTopicThere = false
        scenario.rate = 0
        scenario.isCheckpointing = false
        // The trainer sees at first that nothing comes.
        scenario.trainer.feed = "upstream-silent"
        scenario.trainer.gate = .frozen(("feed-stalled", "automatic"))
        var causes = scenario.pass(seconds: 20).compactMap { action in
            if case .fire(let alert) = action { alert.labels["cause"] } else { nil }
        }
        #expect(causes == ["upstream-silent", "topic-gone"])
        #expect(scenario.pass(seconds: 11).map(\.alert.labels["cause"]) == ["upstream-silent"], "which is over then")
        causes = scenario.supervisor.activeAlerts.compactMap { $0.labels["cause"] }
        #expect(causes == ["topic-gone"])
        #expect(scenario.fired(in: 700) == [])
        scenario.isTopicThere = true
        scenario.trainer.feed = "flowing"
        scenario.trainer.gate = ProcessStatus.GateStatus(state: "open")
        #expect(scenario.resolved(in: 11) == ["feed-stalled"])
    }

    @Test func aTopicThatIsGoneIsToldWhenNoTrainerIsLeft() {
        var scenario = Scenario { $0.modelStaleAfter = 100_000 }
        _ = scenario.pass(seconds: 60)
        scenario.isTopicThere = false
        scenario.isTrainerSpeaking = false
        #expect(scenario.fired(in: 12) == ["feed-stalled"])
        #expect(scenario.supervisor.activeAlerts.map { $0.labels["cause"] } == ["topic-gone"])
    }

    @Test func onePartitionWithoutALeaderIsNoLossOfTheBrokers() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isSecondPartitionLed = false
        #expect(scenario.fired(in: 30) == [])
        let actions = scenario.pass(seconds: 2)
        #expect(actions.map(\.alert.name) == [.feedStalled])
        #expect(actions.first?.alert.labels["cause"] == "partition-unreachable" && actions.first?.alert.severity == .ticket)
        #expect(actions.first?.alert.annotations["description"]?.contains("purchases[1] (no leader)") == true)
        // What else is wrong is seen as before.
        scenario.isTrainerSpeaking = false
        #expect(scenario.fired(in: 22) == ["trainer-silent"])
        scenario.isSecondPartitionLed = true
        #expect(scenario.resolved(in: 11) == ["feed-stalled"])
    }

    @Test func detectorsThatOnlyAlertReachPeople() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.trainer.raised = [
            .init(detector: "shift//price", detail: "It is so."), .init(detector: "shift//country", detail: "It is so."),
            .init(detector: "rate-collapse", detail: "Few come."),
        ]
        let alerts = scenario.pass(seconds: 1).map(\.alert)
        #expect(alerts.map(\.name) == [.detectorRaised, .detectorRaised])
        #expect(alerts.map { $0.labels["cause"] } == ["rate-collapse", "shift"])
        #expect(alerts.allSatisfy { $0.severity == .ticket && $0.labels["lane"] == "0" })
        #expect(alerts[1].annotations["description"]?.contains("shift//price: It is so. shift//country: It is so.") == true)
        scenario.trainer.raised = nil
        #expect(scenario.resolved(in: 11) == ["detector-raised", "detector-raised"])
    }
}
