extension ProcessStatus {
    public struct GateStatus: Codable, Equatable, Sendable {
        /// `open`, `suspect` or `frozen`.
        public var state: String
        public var causes: [Cause]

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

        public init(kind: String, detail: String, since: Int64, resume: String) {
            self.kind = kind
            self.detail = detail
            self.since = since
            self.resume = resume
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
