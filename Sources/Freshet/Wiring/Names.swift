import Foundation

/// What a model's topics and groups are called.
struct Names: Equatable, Sendable {
    var model: String

    var checkpoint: String { "\(model).checkpoint" }
    var control: String { "\(model).control" }
    var quarantine: String { "\(model).quarantine" }
    var audit: String { "\(model).audit" }
    /// Its offsets are a gauge for ordinary lag tools.
    var group: String { model }
    /// Hands out the lanes.
    var lanesGroup: String { "\(model).lanes" }

    func transactionalID(lane: UInt16) -> String { "\(model).\(lane)" }
}

/// This process, as statuses and records name it.
struct ProcessIdentity: Sendable {
    let host = ProcessInfo.processInfo.hostName
    let startedAt = Clocks.wall()
    var instance: String { "\(host)-\(ProcessInfo.processInfo.processIdentifier)" }
}

enum Clocks {
    /// Milliseconds since 1970.
    static func wall() -> Int64 { Int64((Date().timeIntervalSince1970 * 1_000).rounded()) }

    private static let origin = ContinuousClock.now

    /// Seconds since some moment, never going back.
    static func monotonic() -> Double { (ContinuousClock.now - origin).seconds }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
