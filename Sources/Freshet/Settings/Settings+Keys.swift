import Events
import Inspection
import Learning
import Logging

extension Settings {
    /// Every key there is. The reader, the environment's names, the reference and the description all come from this list.
    static let keys: [SettingKey] = general + inputKeys + featureKeys + learnerKeys + checkpointKeys + watchdogKeys + serviceKeys

    private static let pause = SettingKind<Duration>.duration(.milliseconds(100) ... .seconds(86_400 * 7))
    private static let delay = SettingKind<Duration>.duration(.zero ... .seconds(86_400))

    private static let general: [SettingKey] = [
        SettingKey("model", .name, \.model, required: true, "The model's name; its topics are called after it."),
        SettingKey(chosen: "kafka.<property>", .property, "Any librdkafka property, as it is; `bootstrap.servers` is needed.") {
            $0.kafka.values[$1] = $2
        },
        SettingKey(
            "allowPlaintext", .flag, \.allowPlaintext,
            "Talk to brokers on other machines without encryption: for closed networks and trials."),
    ]

    private static let inputKeys: [SettingKey] = [
        SettingKey("input.topics", .topics, \.input.topics, "The topics of labelled events."),
        SettingKey("input.start", .start, \.input.start, "Where a model without a checkpoint begins to read."),
        SettingKey("input.format", .choice, \.input.format, "How an event is written."),
        SettingKey("input.label", .pointer, \.input.label, "Where the label stands in an event."),
        SettingKey(
            optional: "input.time", .pointer, \.input.time, "Where the event's own time stands; without it, the record's time counts."),
        SettingKey(optional: "input.id", .pointer, \.input.id, "Where the event's identity stands; with it, duplicates are counted."),
        SettingKey(
            optional: "input.weight", .pointer, \.input.weight, "Where the importance weight stands; without it, every event weighs 1."),
        SettingKey(
            "input.gap", .choice, \.input.gap, "When retention took events before they were learnt: stop, or count them and go on."),
        SettingKey("input.limits.bytes", .size(1...64 << 20), \.input.limits.documentBytes, "The largest event that is read."),
        SettingKey("input.limits.features", .integer(1...1_000_000), \.input.limits.features, "The most features in one event."),
        SettingKey("input.limits.depth", .integer(1...256), \.input.limits.depth, "The deepest nesting in one event."),
    ]

    private static let featureKeys: [SettingKey] = [
        SettingKey("features.fields", .pointer, \.features.fields, "Where the features stand in an event."),
        SettingKey(chosen: "features.declared.<field>.type", .choice, required: true, "What the field holds; anything else is rejected.") {
            $0.features.declared[$1, default: DeclaredField(type: .number)].type = $2
        },
        SettingKey(chosen: "features.declared.<field>.range", .range, "The numbers that are believed; any other is rejected.") {
            $0.features.declared[$1, default: DeclaredField(type: .number)].range = $2
        },
        SettingKey(chosen: "features.declared.<field>.required", .flag, "Whether an event without the field is rejected.") {
            $0.features.declared[$1, default: DeclaredField(type: .number)].required = $2
        },
        SettingKey(
            optional: "features.undeclared", .choice, \.features.undeclared,
            "What becomes of fields that are not declared: learn when none is declared, else ignore."),
        SettingKey("features.numbers", .choice, \.features.numbers, "How a number becomes a feature: as it is, or sign(x)·log(1 + |x|)."),
        SettingKey("features.seed", .unsigned, \.features.seed, "The seed of the feature hash."),
    ]

    private static let learnerKeys: [SettingKey] = [
        SettingKey("learner.task", .choice, \.learner.task, "What is predicted: the probability of label 1, or the label itself."),
        SettingKey("learner.bits", .integer(4...28), \.learner.bits, "log2 of the number of slots; a slot takes 8 bytes."),
        SettingKey("learner.alpha", .number(1e-6...1e3), \.learner.ftrl.alpha, "FTRL-Proximal's α: how fast it learns."),
        SettingKey("learner.beta", .number(0...1e6), \.learner.ftrl.beta, "FTRL-Proximal's β: how much the first steps are damped."),
        SettingKey("learner.lambda1", .number(0...1e6), \.learner.ftrl.lambda1, "The L1 term: a weight below it is exactly 0."),
        SettingKey("learner.lambda2", .number(0...1e6), \.learner.ftrl.lambda2, "The L2 term."),
        SettingKey(
            "learner.influence", .number(1e-6...1e6), \.learner.influence,
            "How far one event may move its own prediction: in logits, or in units of the label's scale."),
    ]

    private static let checkpointKeys: [SettingKey] = [
        SettingKey("checkpoint.interval", pause, \.checkpoint.interval, "How often a version is written while events flow."),
        SettingKey(
            "checkpoint.retain.latest", .integer(2...1_000), \.checkpoint.retain.latest, "How many of the newest versions are kept."),
        SettingKey(
            "checkpoint.retain.hourly", .integer(0...1_000), \.checkpoint.retain.hourly, "For how many hours one version an hour is kept."),
        SettingKey(
            "checkpoint.retain.daily", .integer(0...1_000), \.checkpoint.retain.daily, "For how many days one version a day is kept."),
        SettingKey(
            "checkpoint.lanes", .integer(1...1_024), \.checkpoint.lanes,
            "Learner replicas: the partitions that a new checkpoint topic gets. `freshet lanes --to` adds some."),
        SettingKey(
            "checkpoint.holdBack", delay, \.checkpoint.holdBack, "How long the stream past a version must be clean before it is served."),
        SettingKey(
            "checkpoint.holdBackEvents", .integer(0...1_000_000_000), \.checkpoint.holdBackEvents,
            "How many clean events past a version are asked for as well."),
        SettingKey(
            "checkpoint.scrub.versions", .integer(2...100_000), \.checkpoint.scrubVersions,
            "Every page is written again within so many versions."),
    ]

    private static let policyKeys: [SettingKey] = DetectorFamily.allCases.map { family in
        SettingKey("watchdog.policy.\(family.rawValue)", .choice, \.watchdog.policy[family], occasion(of: family))
    }

    private static func occasion(of family: DetectorFamily) -> String {
        switch family {
        case .rejectRate: "What to do when more events than usual cannot be used."
        case .missing: "What to do when a field disappears from the events."
        case .constantLabel: "What to do when the label stops varying."
        case .labelRate: "What to do when the share of label 1 leaves its band."
        case .brokenEvents: "What to do when most fields of too many events are missing or strange."
        case .strange: "What to do when too many values of a field are none that it ever had."
        case .stuck: "What to do when a field has one value and nothing else."
        case .shift: "What to do when a field's values are distributed otherwise than they used to be."
        case .replaced: "What to do when few of a field's usual values are left."
        case .duplicates: "What to do when too many events were there shortly before."
        case .eventTime: "What to do when too many events are older than those before them."
        case .unseen: "What to do when too many values of a field are none that was ever learnt."
        case .newFields: "What to do when too many events have fields that none had before."
        case .clock: "What to do when event times stand still or leap ahead."
        case .labelFlip: "What to do when the labels say the opposite of what the model predicts."
        case .labelNoise: "What to do when the labels have nothing to do with what the model predicts."
        case .calibration: "What to do when label 1 is twice as frequent as predicted, or half as frequent."
        case .predictions: "What to do when the predictions hardly vary any more."
        case .updates: "What to do when the influence budget cuts far more updates than it used to."
        case .loss: "What to do when the model predicts worse than the mean of the labels does."
        case .nonFinite: "What to do when a prediction is no number."
        }
    }

    private static let watchdogKeys: [SettingKey] =
        policyKeys + resumeKeys + [
            SettingKey(
                "watchdog.stall", .stallLimit, \.watchdog.stall,
                "How long the feed may be silent; auto learns it from the feed's own rhythm."),
            SettingKey(
                "watchdog.probation", delay, \.watchdog.probation, "How long a feed that came back is watched before learning goes on."),
            SettingKey(
                "watchdog.rejectTolerance", .number(1e-6...0.5), \.watchdog.rejectTolerance,
                "The share of unusable events that is usual."),
            SettingKey(
                "twin.age", SettingKind<Duration>.duration(.seconds(1) ... .seconds(86_400 * 365)).orOff(), \.twinAge,
                "How old the frozen version is that is scored beside the learner: the price of staleness."),
        ]

    private static let serviceKeys: [SettingKey] = [
        SettingKey("serve.listen", .address, \.serve.listen, "Where predictions are served."),
        SettingKey(
            optional: "serve.staleAfter", pause, \.serve.staleAfter,
            "From which age of the served version on the publisher says it is not ready."),
        SettingKey(optional: "serve.version", .unsigned, \.serve.version, "The one version to serve, whatever else is written."),
        SettingKey(
            "metrics.listen", .metricsListener, \.metricsListen,
            "Where the trainer (127.0.0.1:9464) and the watchdog (127.0.0.1:9465) offer /metrics."),
        SettingKey(optional: "watch.alertmanager", .endpoint, \.watch.alertmanager, "The Alertmanager that alerts go to."),
        SettingKey(
            optional: "watch.webhook", .endpoint, \.watch.webhook, "A web address that alerts are posted to; shown without its path."),
        SettingKey(
            optional: "watch.runbooks", .webAddress, \.watch.runbooks, "The address under which the runbooks stand; alerts link to them."),
        SettingKey("watch.trainerSilentAfter", pause, \.watch.trainerSilentAfter, "How long a trainer may say nothing."),
        SettingKey(
            "watch.publisherBehindAfter", pause, \.watch.publisherBehindAfter,
            "How long a publisher may serve a version older than the newest cleared one."),
        SettingKey("watch.repeat", pause, \.watch.repeat, "How often a firing alert is sent again."),
        SettingKey("log.level", .choice, \.log.level, "The least urgent messages that are logged."),
        SettingKey("log.format", .choice, \.log.format, "How a message is written."),
    ]
}
