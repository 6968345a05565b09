/// Where a static training ends.
public enum Until: Equatable, Sendable {
    /// After so many records (learnt, quarantined or skipped).
    case count(UInt64)
    /// Before the first event at or past an event time, in milliseconds since 1970.
    case time(Int64)
    /// At the ends the partitions have when training starts.
    case end
}
