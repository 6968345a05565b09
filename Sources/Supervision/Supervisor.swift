/// The watchdog's judgement: takes what it sees and says which alerts begin, go on and end.
///
/// It knows no Kafka and no clock: observations come with the time they were made, and the same observations give the same alerts.
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
/// On the way back to seeing, and after a pause of the watchdog itself, every silence counts from that moment: not having listened is
/// no evidence that nobody spoke.
public struct Supervisor: Equatable, Sendable {
    public let configuration: SupervisorConfiguration
    var processes: [ProcessKey: SeenProcess] = [:]
    var feeds: [PartitionKey: SeenFeed] = [:]
    var lanes: [Int: SeenLane] = [:]
    /// When any process of a kind was last heard of, those included that have left since.
    var lastHeard: [ProcessStatus.Process: Int64] = [:]
    private let startedAt: Int64
    private(set) var lastBrokerAnswer: Int64
    private var brokerFailure: String?
    private var lastEvaluation: Int64
    private var seeingSince: Int64
    private var book = AlertBook()

    /// - Parameter now: milliseconds since 1970, as everywhere here; use a clock that does not jump.
    public init(configuration: SupervisorConfiguration, at now: Int64) {
        self.configuration = configuration
        startedAt = now
        lastBrokerAnswer = now
        lastEvaluation = now
        seeingSince = now
    }

    /// The alerts that fire.
    public var activeAlerts: [Alert] { book.active(configuration) }

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
        var findings: [Finding] = []
        if unheard > configuration.brokerLostAfter { findings.append(brokerLost(unheard)) }
        if !isBlind {
            forgetTheIrrelevant(at: now)
            findings += trainerFindings(at: now) + feedFindings(at: now) + publisherFindings(at: now)
        }
        return book.reconcile(findings, at: now, isBlind: isBlind, configuration)
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
