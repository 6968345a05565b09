/// The ids of the events inspected last, so that one that comes again soon is noticed: the last so many different ones, the oldest
/// forgotten first.
///
/// What is remembered follows from the events alone. An id is kept as its 64-bit hash: among `limit` of them, one new id in 2^48 is taken for
/// a known one. Beside it stands where it was met first, so that an event that is read again, after a freeze or a rollback, does not
/// repeat itself. The memory is not part of a version (it would be half a megabyte of each): after a restart it begins empty.
struct RecentIdentities: Sendable {
    /// Where an event lies.
    struct Place: Equatable, Sendable {
        /// A position in the lane's list of inputs.
        var input: Int
        var offset: Int64
    }

    private let limit: Int
    private var places: [UInt64: Place] = [:]
    /// The keys of `places` in the order they came; once full, `oldest` is the next to go.
    private var order: [UInt64] = []
    private var oldest = 0

    init(limit: Int = 65_536) { self.limit = limit }

    var count: Int { places.count }

    /// Whether another event had this id; it is remembered either way.
    mutating func isRepeated(_ identity: UInt64, at place: Place) -> Bool {
        if let known = places[identity] { return known != place }
        places[identity] = place
        if order.count < limit {
            order.append(identity)
        } else {
            places[order[oldest]] = nil
            order[oldest] = identity
            oldest = (oldest + 1) % limit
        }
        return false
    }

    /// Forgets what was met at or past the next offset of its input: it will be read again.
    mutating func forget(past next: [Int64]) {
        let kept = (order[oldest...] + order[..<oldest]).filter { identity in
            guard let place = places[identity] else { return false }
            return next.indices.contains(place.input) && place.offset < next[place.input]
        }
        let known = places
        places = [:]
        for identity in kept { places[identity] = known[identity] }
        (order, oldest) = (kept, 0)
    }
}
