import Foundation

/// What happens in the demo, and when: a value, so that the telling is apart from the doing.
struct DemoStory {
    enum Turn: Equatable, Sendable {
        case open, brokenRecords, recordsMended, priceLost, priceBack, resumeWithSkip, producerStops, producerReturns

        var line: String {
            switch self {
            case .open:
                "The shop opens: visits flow in, the model learns, versions are written, cleared and served. Tastes drift all the time."
            case .brokenRecords: "One event in a hundred is broken now. Watch them go to quarantine; nothing else changes."
            case .recordsMended: "The broken records have stopped."
            case .priceLost: "A deployment has lost the field 'price'. The gate must freeze before one such event is learnt."
            case .priceBack: "The deployment was rolled back; prices are there again. The gate waits for an operator."
            case .resumeWithSkip: "The operator says: freshet resume --skip. The bad stretch is set aside, and learning goes on."
            case .producerStops:
                "The producer has stopped. Silence is not data: the gate must freeze as feed-stalled, and an alert must go out."
            case .producerReturns: "The producer is back. After a probation the gate opens by itself, and nothing was lost."
            }
        }
    }

    /// Seconds from the start, for a story of `length` seconds.
    private static let turns: [(at: Double, turn: Turn)] = [
        (0, .open), (14, .brokenRecords), (24, .recordsMended), (28, .priceLost), (36, .priceBack), (39, .resumeWithSkip),
        (46, .producerStops), (56, .producerReturns),
    ]
    private static let length = 70.0

    private let scale: Double
    private var told = 0
    private var round = 0

    /// - Parameter seconds: the length of the whole demo, or nil for one that goes on and on.
    init(seconds: Double?) { scale = min(1, (seconds ?? Self.length) / Self.length) }

    /// The turns that are due.
    mutating func due(at seconds: Double) -> [Turn] {
        var due: [Turn] = []
        while seconds >= (Double(round) * Self.length + Self.turns[told].at) * scale {
            due.append(Self.turns[told].turn)
            told += 1
            if told == Self.turns.count { (told, round) = (0, round + 1) }
        }
        return due
    }

    /// Where in the year the shop is, 0 … 1: a year passes in two rounds.
    func season(at seconds: Double) -> Double { (seconds / (Self.length * scale * 2)).truncatingRemainder(dividingBy: 1) }
}
