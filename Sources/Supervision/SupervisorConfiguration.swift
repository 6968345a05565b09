/// How long the watchdog waits before it calls something wrong. All durations are in seconds.
public struct SupervisorConfiguration: Equatable, Sendable {
    public var model: String
    /// No status from a trainer that held a lane, and nobody else has taken it.
    public var trainerSilentAfter: Double = 20
    /// No trainer known at all.
    public var noTrainerAfter: Double = 30
    /// Heartbeats, but no event taken, while the feed goes on.
    public var trainerHungAfter: Double = 30
    /// Nothing written to the input; nil leaves it to the trainers, which learn what silence is normal.
    public var feedStalledAfter: Double? = 600
    /// A topic of the input is not in the metadata.
    public var topicGoneAfter: Double = 10
    /// The ends of a partition cannot be asked for, although brokers answer.
    public var partitionUnreachableAfter: Double = 30
    /// A newer version is cleared than a publisher serves.
    public var publisherBehindAfter: Double = 30
    /// No status from any publisher.
    public var noPublisherAfter: Double = 30
    /// False where models are trained for something else than serving.
    public var expectsPublisher = true
    /// The served model is this old although there are newer events.
    public var modelStaleAfter: Double = 300
    /// No broker answered the watchdog.
    public var brokerLostAfter: Double = 15
    /// No broker answered for this long: what is not heard is no longer taken for silence.
    public var brokerDoubtAfter: Double = 5
    /// Events are learnt but no version is written.
    public var checkpointBlockedAfter: Double = 60
    /// A gap this long between two evaluations means that the watchdog itself stood still.
    public var pauseAfter: Double = 10
    /// An alert is over when its condition has not held for this long.
    public var resolveAfter: Double = 10
    /// A firing alert is told again this often; after four times this long without, receivers may consider it over.
    public var resendEvery: Double = 60
    /// Silent processes that no alert is about are forgotten.
    public var forgetAfter: Double = 3_600
    /// Where the runbooks are, a URL or a path in the repository; the alert's name is appended.
    public var runbookBase = "deploy/runbooks"
    /// The configuration file as it is named in the commands that alerts propose.
    public var configurationFile = "freshet.yaml"

    public init(model: String) {
        self.model = model
    }
}

extension SupervisorConfiguration {
    /// How long a watchdog that has just started may need to find again what the one before it had found, in seconds.
    func secondsToFind(_ alert: Alert.Name) -> Double {
        switch alert {
        case .trainerSilent: trainerSilentAfter
        case .noTrainer: noTrainerAfter
        case .trainerHung: trainerHungAfter
        // The trainers say so at once; what only the watchdog would notice after minutes is told anew.
        case .feedStalled: max(topicGoneAfter, partitionUnreachableAfter)
        case .publisherBehind: publisherBehindAfter
        case .noPublisher, .modelStale: noPublisherAfter
        case .brokerLost: brokerLostAfter
        case .checkpointBlocked: checkpointBlockedAfter
        case .gateFrozen, .detectorRaised, .watchdogAlive: 0
        }
    }
}
