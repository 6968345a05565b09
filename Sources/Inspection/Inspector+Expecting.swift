extension DetectorFamily {
    /// Whether a planned change may look like what the detector watches for. Records that nobody can read, labels that are one and the same, and
    /// a model that is no good any more are in nobody's plan; what looks at the model is told of none.
    public var yieldsToAnnouncements: Bool {
        switch self {
        case .missing, .labelRate, .brokenEvents, .strange, .stuck, .shift, .replaced, .newFields, .duplicates, .eventTime, .clock: true
        case .rejectRate, .constantLabel, .unseen, .loss, .labelFlip, .labelNoise, .calibration, .predictions, .updates, .nonFinite: false
        }
    }
}

/// Planned changes that are announced: for a while of the events' own time detectors alert where they would freeze.
extension Inspector {
    /// The newest event time (ms) there was; one event from the far future does not count.
    public var newestTime: Int64? { times.newest }

    /// The event time (ms) at which the announced change is over; nil while none is.
    public var expectedUntil: Int64? { configuration.expectedUntil }

    /// A change is announced, to be over with the first event at or past this time.
    public mutating func expect(until time: Int64) { configuration.expectedUntil = time }

    /// The announced change is over. Detectors that it has raised take the stream as it is now for the usual, and learn their bands anew; the others
    /// forget what they have against it.
    public mutating func endExpectation() {
        guard configuration.expectedUntil != nil else { return }
        let announced = detectors.filter { $0.family.yieldsToAnnouncements }
        configuration.expectedUntil = nil
        accept(announced.filter(\.isRaised).map(\.name))
        forget(announced.filter { !$0.isRaised }.map(\.name))
    }

    mutating func endExpectationInTime() {
        if let until = configuration.expectedUntil, let newest = times.newest, newest >= until { endExpectation() }
    }
}
