@testable import Supervision
import Testing

@Suite("Supervisor")
struct SupervisorTests {
    @Test func nothingIsToldWhenAllIsWell() {
        var scenario = Scenario()
        #expect(scenario.pass(seconds: 7_200).isEmpty)
        #expect(scenario.supervisor.activeAlerts.isEmpty)
    }

    @Test func quietFeedWithinItsNormIsNoAlert() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.rate = 0
        scenario.isCheckpointing = false
        #expect(scenario.fired(in: 500) == [])
    }

    // MARK: Trainers

    @Test func silentTrainerFiresOnceIsRepeatedAndResolved() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTrainerSpeaking = false
        #expect(scenario.fired(in: 20) == [])
        #expect(scenario.fired(in: 1) == ["trainer-silent"])
        let later = scenario.pass(seconds: 180)
        let resends = later.filter { if case .resend(let alert) = $0 { alert.name == .trainerSilent } else { false } }
        #expect(resends.count == 3)
        #expect(!later.contains { if case .fire(let alert) = $0 { alert.name == .trainerSilent } else { false } })
        scenario.isTrainerSpeaking = true
        #expect(scenario.resolved(in: 11).contains("trainer-silent"))
    }

    @Test func standbyThatTakesTheLaneEndsTheAlert() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTrainerSpeaking = false
        _ = scenario.pass(seconds: 30)
        #expect(scenario.supervisor.activeAlerts.map(\.name) == [.trainerSilent])
        let version = scenario.trainer.version
        scenario.trainer = Scenario.trainer("t2", lane: 0)
        scenario.trainer.version = version
        scenario.isTrainerSpeaking = true
        #expect(scenario.resolved(in: 11) == ["trainer-silent"])
        #expect(scenario.fired(in: 3_600 * 2) == [])
    }

    @Test func trainerThatNeverCameIsMissedAfterTheGrace() {
        var scenario = Scenario()
        scenario.isTrainerSpeaking = false
        scenario.rate = 0
        #expect(scenario.fired(in: 30) == [])
        #expect(scenario.fired(in: 1) == ["no-trainer"])
    }

    @Test func trainerThatLeftInGoodOrderIsMissedAfterTheGrace() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 600)
        scenario.isTrainerSpeaking = false
        scenario.rate = 0
        scenario.supervisor.forget(.trainer, instance: "t1")
        #expect(scenario.fired(in: 30) == [])
        #expect(scenario.fired(in: 1) == ["no-trainer"])
    }

    @Test func statusOfLastWeekInACompactedTopicIsNoLivingTrainer() {
        var scenario = Scenario()
        scenario.isTrainerSpeaking = false
        scenario.rate = 0
        var old = Scenario.trainer("t0", lane: 0)
        old.at = Scenario.start - 7 * 86_400_000
        scenario.supervisor.observe(old, at: scenario.now)
        #expect(scenario.fired(in: 21) == ["trainer-silent"])
    }

    @Test func clocksThatDisagreeByAnHourAreNoSilence() {
        for skew in [Int64(-3_600_000), 3_600_000] {
            var scenario = Scenario()
            for _ in 0..<120 {
                scenario.isTrainerSpeaking = false
                scenario.trainer.heartbeat += 1
                scenario.trainer.at = scenario.now + skew
                scenario.trainer.counts?.learned += 10
                scenario.trainer.version? += 1
                scenario.supervisor.observe(scenario.trainer, at: scenario.now)
                #expect(!scenario.fired(in: 1).contains("trainer-silent"))
            }
        }
    }

    @Test func heartbeatsWithoutEventsWhileTheFeedMovesAreAHungTrainer() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTaking = false
        scenario.isCheckpointing = false
        #expect(scenario.fired(in: 30) == [])
        #expect(scenario.fired(in: 1) == ["trainer-hung"])
        scenario.isTaking = true
        #expect(scenario.resolved(in: 11) == ["trainer-hung"])
    }

    @Test func frozenTrainerThatGoesOnInspectingIsNotHung() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.trainer.gate = .frozen(("operator", "manual"))
        scenario.isCheckpointing = false
        #expect(scenario.fired(in: 200) == ["gate-frozen"])
    }

    @Test func waitingForAnUpstreamTransactionIsNotHanging() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTaking = false
        scenario.isCheckpointing = false
        scenario.trainer.feed = "hanging-transaction"
        let actions = scenario.pass(seconds: 60)
        #expect(actions.first?.alert.name == .feedStalled)
        #expect(actions.first?.alert.labels["cause"] == "hanging-transaction")
        #expect(!actions.contains { $0.alert.name == .trainerHung })
    }

    @Test func eventsLearntWithoutVersionsAreABlockedCheckpoint() {
        var scenario = Scenario { $0.modelStaleAfter = 3_600 }
        _ = scenario.pass(seconds: 60)
        scenario.isCheckpointing = false
        #expect(scenario.fired(in: 60) == [])
        #expect(scenario.fired(in: 2) == ["checkpoint-blocked"])
        scenario.isCheckpointing = true
        #expect(scenario.resolved(in: 16) == ["checkpoint-blocked"])
    }

    // MARK: Publishers

    @Test func publisherThatDoesNotTakeOverClearedVersionsIsBehind() {
        var scenario = Scenario { $0.modelStaleAfter = 3_600 }
        _ = scenario.pass(seconds: 60)
        scenario.isAdopting = false
        #expect(scenario.fired(in: 34) == [])
        #expect(scenario.fired(in: 2) == ["publisher-behind"])
        let alert = scenario.supervisor.activeAlerts[0]
        #expect(alert.severity == .ticket)
        #expect(alert.annotations["summary"] == "1 of 1 publishers serve an old version")
        scenario.isAdopting = true
        #expect(scenario.resolved(in: 11) == ["publisher-behind"])
    }

    @Test func versionThatIsNotClearedLeavesNobodyBehind() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isAdopting = false
        scenario.isCheckpointing = false
        let observation = VersionObservation(lane: 0, version: 1_000, createdAt: scenario.now, isCleared: false)
        scenario.supervisor.observe(observation, at: scenario.now)
        #expect(!scenario.fired(in: 50).contains("publisher-behind"))
    }

    @Test func noPublisherIsToldUnlessNoneIsExpected() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isPublisherSpeaking = false
        #expect(scenario.fired(in: 30) == [])
        #expect(scenario.fired(in: 1) == ["no-publisher"])
        var training = Scenario { $0.expectsPublisher = false }
        training.isPublisherSpeaking = false
        #expect(training.fired(in: 600) == [])
    }

    @Test func oldModelIsStaleWhenThereAreNewerEvents() {
        var scenario = Scenario { $0.checkpointBlockedAfter = 100_000 }
        _ = scenario.pass(seconds: 60)
        scenario.isCheckpointing = false
        #expect(scenario.fired(in: 300) == [])
        #expect(scenario.fired(in: 1) == ["model-stale"])
        scenario.isCheckpointing = true
        #expect(scenario.resolved(in: 20) == ["model-stale"])
    }

    // MARK: The watchdog's own eyes

    @Test func lostBrokerIsOneAlertAndHidesWhatCannotBeSeen() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isBrokerAnswering = false
        scenario.supervisor.observeBrokerFailure("all brokers down", at: scenario.now)
        #expect(scenario.fired(in: 15) == [])
        let actions = scenario.pass(seconds: 1)
        #expect(actions.map(\.alert.name) == [.brokerLost])
        #expect(actions[0].alert.annotations["description"]?.contains("(all brokers down)") == true)
        #expect(scenario.fired(in: 3_600) == [])
        scenario.isBrokerAnswering = true
        #expect(scenario.resolved(in: 11) == ["broker-lost"])
        #expect(scenario.fired(in: 600) == [])
    }

    @Test func whatFiredBeforeTheBrokerWasLostIsNotOverBecauseNobodyCanSee() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTrainerSpeaking = false
        _ = scenario.pass(seconds: 30)
        scenario.isBrokerAnswering = false
        #expect(scenario.resolved(in: 600) == [])
        #expect(Set(scenario.supervisor.activeAlerts.map(\.name)) == [.brokerLost, .trainerSilent])
    }

    @Test func pauseOfTheWatchdogItselfIsNoSilenceOfOthers() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.now += 3_600_000
        #expect(scenario.fired(in: 19) == [])
    }

    @Test func trainersLossOfTheBrokerIsToldApartFromTheWatchdogs() {
        var scenario = Scenario()
        scenario.trainer.feed = "broker-lost"
        let alerts = scenario.pass(seconds: 1).map(\.alert)
        #expect(alerts.map(\.name) == [.brokerLost])
        #expect(alerts[0].labels["cause"] == "trainer")
    }

    // MARK: Alerts

    @Test func conditionThatFlickersIsOneAlert() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        var actions: [AlertAction] = []
        for _ in 0..<5 {
            scenario.trainer.gate = .frozen(("label-rate", "manual"))
            actions += scenario.pass(seconds: 2)
            scenario.trainer.gate = ProcessStatus.GateStatus(state: "open")
            actions += scenario.pass(seconds: 5)
        }
        #expect(actions.count == 1)
    }

    @Test func alertsNameRunbookCommandAndTimes() throws {
        var scenario = Scenario { $0.configurationFile = "prod.yaml" }
        scenario.trainer.gate = .frozen(("label-rate", "manual"))
        let alert = try #require(scenario.pass(seconds: 1).first?.alert)
        #expect(alert.startsAt == scenario.now)
        #expect(alert.endsAt == scenario.now + 240_000)
        #expect(alert.labels == ["model": "flowers", "lane": "0", "cause": "label-rate"])
        #expect(alert.annotations["summary"] == "Learning is frozen: label-rate")
        #expect(alert.annotations["runbook_url"] == "deploy/runbooks/gate-frozen.md")
        #expect(alert.annotations["command"] == "freshet resume --config prod.yaml")
    }

    @Test func otherModelsAndTheWatchdogItselfAreNotOurConcern() {
        var scenario = Scenario()
        var other = Scenario.trainer("x", lane: 0)
        other.model = "trees"
        other.gate = .frozen(("label-rate", "manual"))
        scenario.supervisor.observe(other, at: scenario.now)
        #expect(scenario.fired(in: 10) == [])
    }

    @Test func manyShortLivedPublishersAreForgotten() {
        var scenario = Scenario()
        for number in 0..<50 {
            var status = scenario.publisher
            status.instance = "old\(number)"
            scenario.supervisor.observe(status, at: scenario.now)
        }
        _ = scenario.pass(seconds: 3_700)
        #expect(scenario.supervisor.processes.count == 2)
    }
}
