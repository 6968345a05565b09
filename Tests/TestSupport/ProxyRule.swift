/// A message on its way through the proxy.
public struct ProxyMessage: Sendable {
    public enum Side: Sendable, Codable { case request, response }

    public let side: Side
    /// Nil for kinds the tests do not name.
    public let api: KafkaAPI?
    /// The request's; also with its answer.
    public let version: Int16
    public let client: String
    /// The message without its length.
    public internal(set) var bytes: [UInt8]
    /// The beginning of the request; also with its answer.
    let request: [UInt8]

    /// Where a text stands in the message.
    public func place(of text: String) -> Int? { bytes.firstRange(of: Array(text.utf8))?.lowerBound }

    /// The message with one bit another.
    public func flipped(bit: UInt8 = 4, at place: Int) -> [UInt8] {
        var bytes = bytes
        bytes[place] ^= 1 << bit
        return bytes
    }
}

/// What becomes of a message.
public enum ProxyVerdict: Sendable {
    case forward
    /// This arrives in its place.
    case replace([UInt8])
    /// It is lost, and the connection stays.
    case swallow
    /// It is lost, and the connection ends.
    case drop
    /// Half of it arrives, then the client's connection is reset and the broker's ended.
    case tear
}

/// What to do at certain messages.
public struct ProxyRule: Sendable {
    public var side: ProxyMessage.Side
    public var api: KafkaAPI
    /// Only of requests whose first bytes name this text, such as a topic or a transactional id.
    public var mentions: String?
    /// The first message concerned, counted from 1.
    public var first: Int
    public var times: Int
    public var verdict: @Sendable (ProxyMessage) -> ProxyVerdict

    public init(
        _ side: ProxyMessage.Side, of api: KafkaAPI, mentioning mentions: String? = nil, first: Int = 1, times: Int = 1,
        _ verdict: @escaping @Sendable (ProxyMessage) -> ProxyVerdict
    ) {
        self.side = side
        self.api = api
        self.mentions = mentions
        self.first = first
        self.times = times
        self.verdict = verdict
    }
}

/// A rule and how often it was met.
struct ArmedRule {
    private let rule: ProxyRule
    private let text: [UInt8]?
    private var met = 0

    init(_ rule: ProxyRule) {
        self.rule = rule
        text = rule.mentions.map { Array($0.utf8) }
    }

    /// The rule, if this is one of its messages.
    mutating func heed(_ message: ProxyMessage) -> ProxyRule? {
        guard message.side == rule.side, message.api == rule.api else { return nil }
        if let text, message.request.firstRange(of: text) == nil { return nil }
        met += 1
        return met >= rule.first && met - rule.first < rule.times ? rule : nil
    }
}
