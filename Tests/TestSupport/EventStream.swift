import Foundation

/// A labelled event, its values as the text JSON has for them, so that a test can take one out or spoil it.
public struct LabelledEvent: Sendable {
    public var id: String
    public var label: String?
    public var time: String
    public var weight: String?
    public var features: [(name: String, value: String)]

    /// One line of JSON.
    public var json: String { object(withLabel: true) }

    /// The event as a client sends it to be predicted.
    public var question: String { object(withLabel: false) }

    private func object(withLabel: Bool) -> String {
        var members = ["\"id\":\"\(id)\"", "\"ts\":\(time)"]
        if withLabel, let label { members.append("\"label\":\(label)") }
        if let weight { members.append("\"weight\":\(weight)") }
        members.append("\"features\":{\(features.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ","))}")
        return "{\(members.joined(separator: ","))}"
    }

    /// The same event with another value of a feature; without the feature for nil.
    public func replacing(_ feature: String, by value: String?) -> LabelledEvent {
        var event = self
        event.features.removeAll { $0.name == feature }
        if let value { event.features.append((feature, value)) }
        return event
    }
}

/// Events of a shop whose customers change their minds: numbers and categories, and a label that a logistic model explains with weights
/// that wander. The same seed gives the same events.
public struct EventStream: Sendable {
    private static let countries = ["de", "fr", "it", "es", "pl", "se", "nl", "at"]
    private static let devices = ["phone", "tablet", "desktop"]

    private var random: SplitMix64
    private let name: String
    private let start: Int64
    /// Events made so far.
    public private(set) var count = 0

    /// - Parameter start: the first event's time in milliseconds since 1970; each is a millisecond later. A minute ago if not given: brokers
    ///   apply retention to record times.
    public init(seed: UInt64, start: Int64? = nil) {
        random = SplitMix64(seed: seed)
        name = String(seed, radix: 36)
        self.start = start ?? Int64(Date().timeIntervalSince1970 * 1_000) - 60_000
    }

    public mutating func next(_ count: Int) -> [LabelledEvent] { (0..<count).map { _ in next() } }

    public mutating func next() -> LabelledEvent {
        let price = exp(2 + 1.2 * (random.unit() + random.unit() + random.unit() - 1.5))
        let quantity = 1 + random.below(9)
        let country = random.below(Self.countries.count)
        let device = random.below(Self.devices.count)
        let referrer = min(random.below(200), random.below(200))
        let age = Double(count) / 4_000
        let logit =
            -0.6 + 0.8 * cos(age) * (log(price) - 2) + 0.5 * sin(age + Double(country)) + (device == 0 ? 0.7 : -0.2)
            + Double(quantity - 5) * 0.1 + (referrer % 7 == 0 ? 0.9 : 0)
        let isBought = random.unit() < 1 / (1 + exp(-logit))
        defer { count += 1 }
        return LabelledEvent(
            id: "\(name)-\(count)", label: isBought ? "1" : "0", time: String(start + Int64(count)), weight: nil,
            features: [
                ("price", String(format: "%.2f", price)), ("quantity", String(quantity)), ("country", "\"\(Self.countries[country])\""),
                ("device", "\"\(Self.devices[device])\""), ("referrer", "\"r\(referrer)\""),
            ])
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// In [0, 1).
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// In 0 ..< bound.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
