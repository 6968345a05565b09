import Events
import Inspection
import Learning
import Logging

/// Everything a Freshet process can be told, with its defaults. `Settings.parse` fills it from one YAML file and the environment;
/// `Settings.keys` says what each value is called there and what it means.
struct Settings: Equatable, Sendable {
    /// The model's name; its topics are `<model>.checkpoint`, `.control`, `.quarantine` and `.audit`.
    var model = ""
    var kafka = KafkaProperties()
    var allowPlaintext = false
    var input = Input()
    var features = Features()
    var learner = LearnerSpecification(task: .binary)
    var checkpoint = Checkpoint()
    var watchdog = Watchdog()
    /// How old the frozen version is that is scored beside the learner; nil for none.
    var twinAge: Duration? = .seconds(3600)
    var serve = Serve()
    var metricsListen = MetricsListener.standard
    var watch = Watch()
    var log = Log()

    struct Input: Equatable, Sendable {
        var topics: [String] = []
        var start = Start.earliest
        var format = Format.json
        /// JSON Pointers into an event.
        var label = ""
        var time: String?
        var id: String?
        var weight: String?
        var gap = GapPolicy.stop
        /// What an event may not exceed; one that does is rejected as `too-large`.
        var limits = EventLimits()
    }

    struct Features: Equatable, Sendable {
        var fields = "/features"
        var declared: [String: DeclaredField] = [:]
        /// Nil: learn when no field is declared, else ignore.
        var undeclared: UndeclaredFields?
        var numbers = NumberTransform.log
        var seed: UInt64 = 0
    }

    struct Checkpoint: Equatable, Sendable {
        var interval = Duration.seconds(5)
        var retain = Retain()
        var lanes = 1
        var holdBack = Duration.seconds(2)
        var holdBackEvents = 0
        /// Every page is written again within this many versions.
        var scrubVersions = 16
    }

    struct Retain: Equatable, Sendable {
        var latest = 8
        var hourly = 24
        var daily = 7
    }

    struct Watchdog: Equatable, Sendable {
        var stall = StallLimit.auto
        var policy = Policy()
        var resume = ResumePolicy()
        var probation = Duration.seconds(5)
        /// The share of rejected events that counts as normal.
        var rejectTolerance = 0.02
    }

    /// What each family of detectors does.
    struct Policy: Equatable, Sendable {
        private(set) var departures: [DetectorFamily: DetectorAction] = [:]

        subscript(family: DetectorFamily) -> DetectorAction {
            get { departures[family] ?? family.defaultAction }
            set { departures[family] = newValue == family.defaultAction ? nil : newValue }
        }
    }

    struct Serve: Equatable, Sendable {
        var listen = Address(host: "127.0.0.1", port: 8080)
        var staleAfter: Duration?
        /// The one version to serve; nil for the newest that is fit.
        var version: UInt64?
    }

    struct Watch: Equatable, Sendable {
        var alertmanager: Endpoint?
        var webhook: Endpoint?
        var runbooks: String?
        var trainerSilentAfter = Duration.seconds(15)
        var publisherBehindAfter = Duration.seconds(60)
        var `repeat` = Duration.seconds(300)
    }

    struct Log: Equatable, Sendable {
        var level = Logger.Level.info
        var format = LogFormat.text
    }
}
