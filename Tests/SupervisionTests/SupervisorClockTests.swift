@testable import Supervision
import Testing

@Suite("Supervisor: clocks")
struct SupervisorClockTests {
    /// Somebody sets the wall's clock back by an hour, and forth again.
    @Test func aWallClockThatIsSetBlindsNobody() {
        var scenario = Scenario()
        _ = scenario.pass(seconds: 60)
        scenario.isTrainerSpeaking = false
        scenario.isPublisherSpeaking = false
        scenario.supervisor.tell(wall: scenario.now - 3_600_000, at: scenario.now)
        #expect(scenario.fired(in: 21) == ["trainer-silent"])
        scenario.supervisor.tell(wall: scenario.now + 86_400_000, at: scenario.now)
        #expect(scenario.fired(in: 12) == ["no-publisher"])
    }

    @Test func receiversAreToldTimesOfTheWallsClock() throws {
        let wall = Scenario.start + 500_000_000
        var supervisor = Supervisor(configuration: SupervisorConfiguration(model: "flowers"), at: 1_000, wall: wall)
        var trainer = Scenario.trainer("t1", lane: 0)
        trainer.at = wall
        trainer.gate = .frozen(("label-rate", "manual"))
        supervisor.observe(trainer, at: 1_000)
        let alert = try #require(supervisor.evaluate(at: 1_500).map(\.alert).first { $0.name == .gateFrozen })
        #expect(alert.startsAt == wall + 500 && alert.endsAt == wall + 240_500)
        supervisor.tell(wall: 7_000_000, at: 2_000)
        let over = (2...20).flatMap { second in
            trainer.heartbeat += 1
            trainer.gate = ProcessStatus.GateStatus(state: "open")
            supervisor.observe(trainer, at: Int64(second) * 1_000)
            supervisor.observeBrokerAnswer(at: Int64(second) * 1_000)
            return supervisor.evaluate(at: Int64(second) * 1_000)
        }
        let end = try #require(over.first { if case .resolve = $0 { true } else { false } }?.alert)
        #expect(end.startsAt == wall + 500 && end.endsAt > 7_000_000 && end.endsAt < 7_030_000)
    }

    @Test(arguments: [Int64.min, -1, .max])
    func whateverAProcessWritesForATimeCanBeReckonedWith(time: Int64) {
        var scenario = Scenario()
        scenario.trainer.at = time
        scenario.trainer.versionCreatedAt = time
        scenario.isTrainerSpeaking = false
        scenario.publisher.versionCreatedAt = time
        scenario.supervisor.observe(scenario.trainer, at: scenario.now)
        scenario.supervisor.adopt(
            [
                .init(
                    alert: "trainer-silent", severity: "page", labels: ["model": "flowers", "lane": "0"], startsAt: time, summary: "",
                    description: "", command: "")
            ], at: scenario.now)
        _ = scenario.pass(seconds: 60)
        #expect(scenario.supervisor.activeAlerts.allSatisfy { $0.startsAt >= 0 && $0.startsAt <= scenario.now })
    }
}
