/// A detector's evidence is complete. Given once for each incident: the detector has to calm down before it can alarm again.
public struct Alarm: Codable, Equatable, Sendable {
    /// `reject-rate`, `missing/<path>`, `constant-label` or `label-rate`.
    public let detector: String
    public let family: DetectorFamily
    public let action: DetectorAction
    /// The sequence number of the first suspicious event: every event with a smaller number was good.
    public let changePoint: UInt64
    /// The sequence number of the event that completed the evidence.
    public let sequence: UInt64
    public let logEvidence: Double
    public let logThreshold: Double
    /// What happened, for people.
    public let sentence: String

    /// The same where a freeze would have nothing to wait for.
    var asAlert: Alarm {
        Alarm(
            detector: detector, family: family, action: .alert, changePoint: changePoint, sequence: sequence, logEvidence: logEvidence,
            logThreshold: logThreshold, sentence: sentence)
    }
}

/// How one detector stands.
public struct DetectorStatus: Codable, Equatable, Sendable {
    public let name: String
    public let family: DetectorFamily
    public let action: DetectorAction
    /// False while the detector still learns its band.
    public let isArmed: Bool
    /// An alarm was given, and the evidence has not gone back to zero yet.
    public let isRaised: Bool
    /// Evidence in units of the threshold, 0 to 1.
    public let ratio: Double
    /// The edge of the band, as far as the detector has one.
    public let tolerance: Double?
}
