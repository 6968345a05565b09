/// After a stall: the feed has to flow again for a while before the freeze is lifted.
///
/// Over after so many seconds since arrivals came back, or after so many events, whichever is first; silence starts it anew. Times are
/// monotonic seconds of the calling process; a decoded probation starts anew with the next arrival.
public struct Probation: Codable, Equatable, Sendable {
    public let seconds: Double
    public let events: Int
    private var since: Double?
    private var arrived = 0

    private enum CodingKeys: String, CodingKey { case seconds, events }

    public init(seconds: Double = 10, events: Int = 1000) {
        self.seconds = seconds
        self.events = events
    }

    /// Takes what happened since the last call; true once the probation is over.
    public mutating func observe(arrivals: Int, isSilent: Bool, at now: Double) -> Bool {
        if isSilent {
            (since, arrived) = (nil, 0)
            return false
        }
        if arrivals > 0 && since == nil { since = now }
        guard let since else { return false }
        arrived += arrivals
        return arrived >= events || now - since >= seconds
    }
}
