/// The watchdog's judgement: takes what it sees and says which alerts begin, go on and end.
///
/// It knows no Kafka and no clock: observations come with the time they were made, and the same observations give the same alerts. Times are
/// milliseconds of a clock that neither jumps nor stands still; the wall's clock is told beside it, for the times that other processes write
/// and that receivers of alerts read.
///
/// ```
///              a broker answers                  brokerDoubtAfter
///  ┌────────┐ ────────────────> ┌────────┐ ────────────────────────> ┌──────────┐ brokerLostAfter  ┌───────┐
///  │ start  │                   │ seeing │                           │ doubting │ ───────────────> │ blind │
///  └────────┘                   └────────┘ <──────────────────────── └──────────┘                  └───────┘
///                                    ^           a broker answers                                      │
///                                    └─────────────────────────────────────────────────────────────────┘
/// ```
/// Seeing: every rule is evaluated. Doubting: nothing new is found, nothing ends. Blind: the same, and `broker-lost` is found.
/// `watchdog-alive` is found always: it is what must not stop.
/// On the way back to seeing, and after a pause of the watchdog itself, every silence counts from that moment: not having listened is
/// no evidence that nobody spoke.
public struct Supervisor: Equatable, Sendable {
    public let configuration: SupervisorConfiguration
    var processes: [ProcessKey: SeenProcess] = [:]
    var feeds: [PartitionKey: SeenFeed] = [:]
    /// Partitions whose ends cannot be asked for, and topics that are not there.
    var unreachable: [PartitionKey: Unreachable] = [:]
    var goneSince: [String: Int64] = [:]
    var lanes: [Int: SeenLane] = [:]
    /// When any process of a kind was last heard of, those included that have left since.
    var lastHeard: [ProcessStatus.Process: Int64] = [:]
    private let startedAt: Int64
    private(set) var lastBrokerAnswer: Int64
    private var brokerFailure: String?
    private var lastEvaluation: Int64
    private var seeingSince: Int64
    private var book = AlertBook()
    /// What is to be added to the steady clock to have the wall's.
    private var wallOffset: Int64 = 0

    /// - Parameters:
    ///   - now: milliseconds of a clock that does not jump, as everywhere here.
    ///   - wall: milliseconds since 1970; the same clock, if not given.
    public init(configuration: SupervisorConfiguration, at now: Int64, wall: Int64? = nil) {
        self.configuration = configuration
        wallOffset = (wall ?? now) - now
        startedAt = now
        lastBrokerAnswer = now
        lastEvaluation = now
        seeingSince = now
    }

    /// The alerts that fire, but for the one that always does.
    public var activeAlerts: [Alert] { book.active(configuration).filter(\.isTrouble) }

    /// The wall's clock, when it was told last.
    func wall(at now: Int64) -> Int64 { now + wallOffset }

    /// A time that another process wrote down by the wall's clock, by our steady one. Whatever it wrote can be reckoned with.
    func steady(_ wall: Int64) -> Int64 { min(max(wall, -(1 << 53)), 1 << 53) - wallOffset }

    /// Tells what the wall's clock shows: it may be set at any time, and no duration is taken from it.
    public mutating func tell(wall: Int64, at now: Int64) { wallOffset = wall - now }

    /// Takes over what a watchdog before this one had told: what is still so is not told again, and what is not is ended.
    public mutating func adopt(_ alerts: [ProcessStatus.FiringAlert], at now: Int64) {
        for alert in alerts {
            guard let finding = Finding(alert, model: configuration.model) else { continue }
            let moment = AlertBook.Moment(now: now, wall: wall(at: now))
            book.adopt(finding, startsAt: min(max(alert.startsAt, 0), moment.wall), at: moment, configuration)
        }
    }

    /// A broker answered something.
    public mutating func observeBrokerAnswer(at now: Int64) {
        lastBrokerAnswer = max(lastBrokerAnswer, now)
        brokerFailure = nil
    }

    /// A broker did not answer, or answered with an error.
    /// - Parameter detail: shown in the alert if it comes to one.
    public mutating func observeBrokerFailure(_ detail: String, at now: Int64) {
        brokerFailure = detail
    }

    /// Judges everything seen so far.
    /// - Returns: what is to be told now; empty nearly always.
    public mutating func evaluate(at now: Int64) -> [AlertAction] {
        let unheard = Double(now - lastBrokerAnswer) / 1_000
        let isBlind = unheard > configuration.brokerDoubtAfter
        if isBlind || Double(now - lastEvaluation) / 1_000 > configuration.pauseAfter { seeingSince = now }
        lastEvaluation = now
        var findings = [alive]
        if unheard > configuration.brokerLostAfter { findings.append(brokerLost(unheard)) }
        if !isBlind {
            forgetTheIrrelevant(at: now)
            findings += trainerFindings(at: now) + feedFindings(at: now) + publisherFindings(at: now)
        }
        return book.reconcile(findings, at: AlertBook.Moment(now: now, wall: wall(at: now)), isBlind: isBlind, configuration)
    }

    /// Seconds since `moment`, of those during which the watchdog could see.
    func seconds(since moment: Int64, at now: Int64) -> Double {
        Double(now - max(moment, seeingSince)) / 1_000
    }

    func secondsSeeing(at now: Int64) -> Double { Double(now - seeingSince) / 1_000 }

    /// Seconds since any process of a kind was heard of, or the watchdog started.
    func secondsWithout(_ process: ProcessStatus.Process, at now: Int64) -> Double {
        seconds(since: max(startedAt, lastHeard[process] ?? startedAt), at: now)
    }

    private var alive: Finding {
        Finding(
            name: .watchdogAlive, severity: .nobody, summary: "The watchdog of model \(configuration.model) is alive",
            description: """
                This alert fires as long as the watchdog runs and its alerts get here, and is sent again every \
                \(Int(configuration.resendEvery)) s. Raise the alarm when it stops coming.
                """,
            command: configuration.command("status"))
    }

    private func brokerLost(_ seconds: Double) -> Finding {
        let failure = brokerFailure.map { " (\($0))" } ?? ""
        return Finding(
            name: .brokerLost, labels: ["cause": "watchdog"], summary: "No Kafka broker answers the watchdog",
            description: """
                No broker has answered for \(Int(seconds)) s\(failure). Serving goes on with the last snapshot; whether \
                trainers and publishers live cannot be seen until a broker answers. Look at the brokers and the network between.
                """,
            command: configuration.command("topics check"))
    }
}
