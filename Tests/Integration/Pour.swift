import TestSupport

/// Writes records piece by piece while a trainer learns, so that one killed in between is in the midst of things.
struct Pour {
    private static let piece = 100
    /// The most records that may wait for the trainer.
    private static let ahead = 2_000

    let bench: Bench
    let feed: Feed
    let follower: LaneFollower
    let values: [[UInt8]?]
    private(set) var written = 0

    init(_ values: [[UInt8]?], _ feed: Feed, _ follower: LaneFollower, _ bench: Bench) {
        (self.values, self.feed, self.follower, self.bench) = (values, feed, follower, bench)
    }

    /// Goes on until a version accounts for so many records.
    mutating func until(accounted target: Int) async throws {
        while true {
            let accounted = try await follower.newest()?.accounted ?? 0
            if accounted >= target { return }
            guard ContinuousClock.now < bench.deadline else {
                throw TestFailure("in time there was not a version that accounts for \(target) records, only one for \(accounted)")
            }
            if written - accounted < Self.ahead { try await pieces(1) }
        }
    }

    mutating func pieces(_ count: Int) async throws {
        for _ in 0..<count { try await write(upTo: written + Self.piece) }
    }

    mutating func rest() async throws { try await write(upTo: values.count) }

    private mutating func write(upTo end: Int) async throws {
        let end = min(end, values.count)
        try await feed.produce(values: Array(values[written..<end]))
        written = end
    }
}
