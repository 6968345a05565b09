extension ProcessStatus {
    public struct GateStatus: Codable, Equatable, Sendable {
        /// `open`, `suspect` or `frozen`.
        public var state: String
        public var causes: [Cause]
        /// While frozen: what is in doubt, from the change point to the inspected position.
        public var ranges: [Range]?
        /// While the freeze is of a kind that ends by itself: events in a row that were clean.
        public var cleanRun: UInt64?
        /// The planned change that is announced.
        public var expectation: Expectation?

        public init(state: String, causes: [Cause] = []) {
            self.state = state
            self.causes = causes
        }
    }

    /// A reason to be frozen.
    public struct Cause: Codable, Equatable, Sendable {
        public var kind: String
        public var detail: String
        public var since: Int64
        /// `automatic` or `manual`.
        public var resume: String
        /// Log evidence of a detector and what it had to reach, or seconds of silence and their limit.
        public var evidence: Double?
        public var threshold: Double?
        /// What became of damage that may have been learnt: `rolled-back`, `nothing-learnt` or `nothing-retained`.
        public var did: String?
        /// The version that was brought back.
        public var rolledBackTo: UInt64?
        /// The operator who ordered it, and why.
        public var author: String?
        public var reason: String?

        public init(kind: String, detail: String, since: Int64, resume: String) {
            self.kind = kind
            self.detail = detail
            self.since = since
            self.resume = resume
        }
    }

    /// A planned change that an operator announced: while it lasts, detectors of content alert where they would freeze.
    public struct Expectation: Codable, Equatable, Sendable {
        /// The event time at which it is over.
        public var until: Int64
        public var author: String
        public var reason: String

        public init(until: Int64, author: String, reason: String) {
            self.until = until
            self.author = author
            self.reason = reason
        }
    }

    /// Offsets of one input partition, up to one before `to`.
    public struct Range: Codable, Equatable, Sendable {
        public var topic: String
        public var partition: Int32
        public var from: Int64
        public var to: Int64

        public init(topic: String, partition: Int32, from: Int64, to: Int64) {
            self.topic = topic
            self.partition = partition
            self.from = from
            self.to = to
        }
    }

    /// Offsets of one input partition: the next to be learnt, the next to be inspected, and the end of the log.
    public struct Position: Codable, Equatable, Sendable {
        public var topic: String
        public var partition: Int32
        public var learned: Int64
        public var inspected: Int64
        public var end: Int64
        /// The first offset the model was responsible for.
        public var start: Int64?

        public init(topic: String, partition: Int32, learned: Int64, inspected: Int64, end: Int64, start: Int64? = nil) {
            self.topic = topic
            self.partition = partition
            self.learned = learned
            self.inspected = inspected
            self.end = end
            self.start = start
        }
    }

    /// What became of the events since the model's first.
    public struct Counts: Codable, Equatable, Sendable {
        public var learned: UInt64
        public var quarantined: UInt64
        public var skipped: UInt64
        /// Offsets that held no event for us: control records, and what retention took.
        public var gaps: UInt64
        public var rejectedByReason: [String: UInt64]
        /// Events learnt whose id was met shortly before; nil where `input.id` is not set.
        public var duplicates: UInt64?

        public init(
            learned: UInt64, quarantined: UInt64 = 0, skipped: UInt64 = 0, gaps: UInt64 = 0, rejectedByReason: [String: UInt64] = [:],
            duplicates: UInt64? = nil
        ) {
            self.learned = learned
            self.quarantined = quarantined
            self.skipped = skipped
            self.gaps = gaps
            self.rejectedByReason = rejectedByReason
            self.duplicates = duplicates
        }
    }

    /// A detector that is raised and stops nothing.
    public struct Raised: Codable, Equatable, Sendable {
        /// Its name, such as `label-rate` or `rate-collapse`.
        public var detector: String
        public var detail: String

        public init(detector: String, detail: String) {
            self.detector = detector
            self.detail = detail
        }
    }

    /// An alert that is out.
    public struct FiringAlert: Codable, Equatable, Sendable {
        /// `Alert.Name`
        public var alert: String
        public var severity: String
        /// All of them, `model` too.
        public var labels: [String: String]
        /// Milliseconds since 1970.
        public var startsAt: Int64
        public var summary: String
        public var description: String
        public var command: String

        public init(
            alert: String, severity: String, labels: [String: String], startsAt: Int64, summary: String, description: String,
            command: String
        ) {
            self.alert = alert
            self.severity = severity
            self.labels = labels
            self.startsAt = startsAt
            self.summary = summary
            self.description = description
            self.command = command
        }
    }

    /// A frozen version scored beside the learner.
    public struct Twin: Codable, Equatable, Sendable {
        public var ageSeconds: Double
        public var version: UInt64
        public var metrics: QualitySummary
        /// The learner on the same events: the difference is what the twin's age costs.
        public var learner: QualitySummary?

        public init(ageSeconds: Double, version: UInt64, metrics: QualitySummary, learner: QualitySummary? = nil) {
            self.ageSeconds = ageSeconds
            self.version = version
            self.metrics = metrics
            self.learner = learner
        }
    }

    /// Progressive metrics; the keys are those of the metrics documents everywhere else.
    public struct QualitySummary: Codable, Equatable, Sendable {
        public var examples: Int
        public var weight: Double
        public var logLoss: Double?
        public var normalizedEntropy: Double?
        public var auc: Double?
        public var accuracy: Double?
        public var calibration: Double?
        public var rmse: Double?
        public var mae: Double?
        public var meanLoss: Double?

        public init(examples: Int, weight: Double) {
            self.examples = examples
            self.weight = weight
        }
    }
}
