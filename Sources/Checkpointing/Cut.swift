public import Learning

/// What one lane and its writer are called, and what every manifest of theirs repeats.
public struct LaneIdentity: Sendable {
    public var model: String
    public var lane: UInt16
    /// How many lanes the model has, as far as its trainer knows.
    public var lanes: UInt16
    public var fingerprint: Digest128
    public var specification: String
    public var pageCount: Int
    public var host: String
    public var build: String

    public init(
        model: String, lane: UInt16, of lanes: UInt16 = 1, fingerprint: Digest128, specification: String, pageCount: Int, host: String,
        build: String
    ) {
        self.model = model
        self.lane = lane
        self.lanes = lanes
        self.fingerprint = fingerprint
        self.specification = specification
        self.pageCount = pageCount
        self.host = host
        self.build = build
    }
}

/// The content of a page at a cut.
public struct CutPage: Sendable {
    public var index: Int
    public var slots: [UInt8]

    public init(index: Int, slots: [UInt8]) {
        self.index = index
        self.slots = slots
    }
}

/// A cut between two events: what the next version is to hold. Owned copies, so that learning goes on while it is written.
public struct Cut: Sendable {
    public var state: LaneState
    /// The pages that differ from the last committed version, and those the writer asked to have scrubbed.
    public var pages: [CutPage]
    public var quarantined: [QuarantinedEvent] = []
    public var modelDigest: Digest128
    /// The number the state calls this version by, where it names it at all: that of `LaneWriter.nextVersion` when the cut was made.
    public var expectedVersion: UInt64?
    /// The version this one brings back: pages it does not have hold the initial state again.
    public var restores: Manifest?
    /// Where `restores` came from, if not from this lane's log.
    public var imported: Manifest.Origin?
    /// Pin this version.
    public var pinned = false
    /// Versions to pin or to unpin.
    public var pins: [UInt64: Bool] = [:]
    /// Versions something depends on, kept whatever the ladder says.
    public var needed: Set<UInt64> = []

    public init(state: LaneState, pages: [CutPage], modelDigest: Digest128) {
        self.state = state
        self.pages = pages
        self.modelDigest = modelDigest
    }
}

/// A version read back from the log, proved by its digests.
public struct RestoredVersion: Sendable {
    public var manifest: Manifest
    public var digest: Digest128
    public var cleared: Bool
    /// Page index → slots; pages that are absent hold the initial state.
    public var slots: [Int: [UInt8]]
}
