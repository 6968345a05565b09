/// Tells whether a field's values are distributed otherwise than they used to be: by the population stability index of windows of events
/// against the reference.
///
/// *Shifted*: two windows in a row are beyond 0.25 (a "major shift" by the index's usual reading) and what chance may bring about, and beyond
/// 1.5 times the greatest index of any window so far: what moves with the day or the weather has a great index in every window, and so no
/// alarm. *Replaced*: one window of a field that had never had an index above ½ is beyond 2, which few of the old values are left for.
///
/// The first windows only teach what is usual.
struct ShiftWatch: Codable, Equatable, Sendable {
    enum Finding { case none, shifted, replaced }

    /// In sampled events that have the field.
    static let window = 384
    private static let effect = 0.25
    private static let patience = 1.5
    private static let grossEffect = 2.0
    private static let steadiness = 0.5
    private static let learningWindows = 12

    private var windows = 0
    private var greatest = 0.0
    private var suspicious = 0
    private var isVaried = false
    private(set) var isRaised = false
    /// Of the last window.
    private(set) var index = 0.0
    private(set) var limit = 0.0
    /// The first event of the first window that was beyond the limit.
    private(set) var start: UInt64 = 0
    private var windowStart: UInt64 = 0

    init() {}

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool { [windows, suspicious].allSatisfy(soundCounts.contains) }

    var isArmed: Bool { windows >= Self.learningWindows }
    var isSteady: Bool { isArmed && isVaried && greatest < Self.steadiness }

    /// The index in units of its limit; 0 while the watch is not armed.
    var ratio: Double { isArmed && limit > 0 ? min(1, index / limit) : 0 }

    /// The index in units of what a steady field's values are replaced at; 0 of one that is not steady.
    var grossRatio: Double { isSteady ? min(1, index / Self.grossEffect) : 0 }

    /// Takes a full window that ends before `sequence`.
    ///
    /// - Parameter isVaried: whether few values can be left at all, of a field that has more than one or two.
    mutating func observe(_ stability: (index: Double, noise: Double), isVaried: Bool, at sequence: UInt64) -> Finding {
        defer { windowStart = sequence }
        self.isVaried = isVaried
        (index, limit) = (stability.index, max(Self.effect + stability.noise, Self.patience * greatest))
        windows += 1
        guard isArmed, index > limit else {
            (suspicious, isRaised) = (0, false)
            greatest = max(greatest, index)
            return .none
        }
        suspicious += 1
        if suspicious == 1 { start = windowStart }
        if isRaised { return .none }
        isRaised = suspicious == 2 || isSteady && index > Self.grossEffect
        guard isRaised else { return .none }
        return isSteady && index > Self.grossEffect ? .replaced : .shifted
    }

    mutating func forget() { (suspicious, isRaised, index) = (0, false, 0) }
}
