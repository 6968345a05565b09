/// Whether a lag grows, and does not merely go up and down.
///
/// Where records come in transactions or bursts the lag rises and falls with each of them; what tells is the least there is between two. It
/// grows when that rose from one span of ten seconds to the next and to the one after it, and by more than the ups and downs within a span.
struct LagTrace: Equatable, Sendable {
    private static let secondsOfSpan = 10.0

    private struct Span: Equatable, Sendable {
        var least: Int64
        var most: Int64
    }

    private(set) var hasGrown = false
    private var startedAt: Double?
    private var running: Span?
    /// The last spans, the newest first.
    private var spans: [Span] = []

    mutating func note(_ lag: Int64, at now: Double) {
        running = Span(least: min(running?.least ?? lag, lag), most: max(running?.most ?? lag, lag))
        let start = startedAt ?? now
        startedAt = start
        guard now - start >= Self.secondsOfSpan, let running else { return }
        spans = [running] + spans.prefix(2)
        hasGrown = judge()
        (startedAt, self.running) = (now, nil)
    }

    private func judge() -> Bool {
        guard spans.count == 3, spans[0].least > spans[1].least, spans[1].least > spans[2].least else { return false }
        let growth = spans[0].least - spans[2].least
        // Half of it is a span's share.
        let swing = (spans.map { $0.most - $0.least }.max() ?? 0) - growth / 2
        return growth > swing
    }
}
