import TestSupport

/// What can happen in a minute of a soak.
enum SoakFault: CustomStringConvertible {
    case kill
    case killAt(KillPoint)
    case sleep(Duration)
    case link(KafkaProxy.Link, Duration)
    case message(KillPoint)
    case killPublisher
    case freeze
    case rollBack

    var description: String {
        switch self {
        case .kill: "trainer killed"
        case .killAt: "trainer killed at a request"
        case .sleep: "trainer stopped and woken"
        case .link(.down, _): "link down"
        case .link(.halfOpen, _): "link half open"
        case .link: "link slow"
        case .message: "an answer lost"
        case .killPublisher: "publisher killed"
        case .freeze: "frozen and resumed"
        case .rollBack: "rolled back and replayed"
        }
    }

    /// One of each kind, in any order, so that every kind comes as often.
    static func deck(_ random: inout SplitMix64) -> [SoakFault] {
        var seconds: Duration { .milliseconds(1_000 + random.below(9_000)) }
        var deck: [SoakFault] = [
            .kill, .killAt(.any(&random)), .sleep(seconds), .sleep(.seconds(9)), .link(.down, seconds), .link(.halfOpen, seconds),
            .link(.slow(latency: .milliseconds(150), bytesPerSecond: 1 << 20), seconds), .killPublisher, .freeze, .rollBack,
        ]
        deck += [KafkaAPI.produce, .endTxn, .fetch, .txnOffsetCommit].map { api in
            .message(KillPoint(side: .response, api: api, number: 1 + random.below(3), isAtStart: false))
        }
        return deck.shuffled(using: &random)
    }
}
