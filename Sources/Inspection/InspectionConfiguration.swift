/// What the inspector tolerates, how sure it has to be, and what its alarms do.
public struct InspectionConfiguration: Codable, Equatable, Sendable {
    /// Departures from `DetectorFamily.defaultAction`.
    public var policy: [DetectorFamily: DetectorAction]
    /// The event rate the false-alarm budget is computed for.
    public var ratePerSecond: Double
    /// The false-alarm budget of all detectors together, in alarms per 30 days.
    public var falseFreezesPerMonth: Double
    /// Field paths, written as in `ExampleBatch.fieldNames`, that are watched from the first event on with `missingTolerance` unchanged.
    public var required: [String]
    /// How many events the learner trails the inspector by while evidence is running.
    public var window: Int
    /// The share of rejected records that is no evidence; grows to twice the share learnt from the stream.
    public var rejectTolerance: Double
    /// The share of events that may lack a field; grows to twice the share learnt from the stream.
    public var missingTolerance: Double
    /// How many events a detector learns its band from before it is armed. It goes on refining the band at every doubling.
    public var learningEvents: Int
    /// While a planned change is announced: the event time (ms) at which that is over. Set by `Inspector.expect`.
    public internal(set) var expectedUntil: Int64?

    public init(
        policy: [DetectorFamily: DetectorAction] = [:], ratePerSecond: Double = 10_000, falseFreezesPerMonth: Double = 1,
        required: [String] = [], window: Int = 256, rejectTolerance: Double = 0.02, missingTolerance: Double = 0.02,
        learningEvents: Int = 500
    ) {
        self.policy = policy
        self.ratePerSecond = ratePerSecond
        self.falseFreezesPerMonth = falseFreezesPerMonth
        self.required = required
        self.window = window
        self.rejectTolerance = rejectTolerance
        self.missingTolerance = missingTolerance
        self.learningEvents = learningEvents
    }

    public func action(of family: DetectorFamily) -> DetectorAction {
        let action = policy[family] ?? family.defaultAction
        return expectedUntil != nil && family.yieldsToAnnouncements && action == .freeze ? .alert : action
    }

    /// Refuses what no detector could work with, naming the setting and what would be right.
    public func check() throws(InspectionConfigurationError) {
        func require(_ holds: Bool, _ setting: String, _ expected: String) throws(InspectionConfigurationError) {
            guard holds else { throw InspectionConfigurationError(setting: setting, expected: expected) }
        }
        try require(ratePerSecond > 0 && ratePerSecond.isFinite, "ratePerSecond", "a number above 0")
        try require(falseFreezesPerMonth > 0 && falseFreezesPerMonth.isFinite, "falseFreezesPerMonth", "a number above 0")
        try require(window > 0, "window", "a number of events above 0")
        try require(rejectTolerance > 0 && rejectTolerance < 1, "rejectTolerance", "a share between 0 and 1")
        try require(missingTolerance > 0 && missingTolerance < 1, "missingTolerance", "a share between 0 and 1")
        try require((100...65_536).contains(learningEvents), "learningEvents", "a number of events from 100 to 65536")
        try require(required.count <= Profile.fieldLimit, "required", "at most \(Profile.fieldLimit) field paths")
    }
}

/// A setting of the inspection that cannot work.
public struct InspectionConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let setting: String
    public let expected: String

    public var description: String { "The inspection setting '\(setting)' must be \(expected)." }
}
