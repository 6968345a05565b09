import Checkpointing
import Inspection
import Learning
import Training

/// One fault in one stream at one moment: the lane freezes or not, goes on without the range that was set aside, and is compared with one
/// who never saw that range.
struct Trial: Sendable {
    /// Clean events before the fault.
    static let lead = 3_000
    /// Clean events after it.
    static let tail = 6_500
    /// Events that a gross fault lasts, one that is not gross, and one that hits few of them.
    static let rangeOfGross = 2_000
    static let range = 5_000
    static let rangeMost = 10_000
    private static let rangeLeast = 500
    /// Events after the fault, and after the freeze, at which somebody resumes with skip. A freeze that can end by itself has done so by then.
    private static let patience = 5_500
    private static let resumesMost = 10

    let kind: FaultKind
    /// Of the events that are hit.
    let share: Double
    /// Which of the stream's starts.
    let moment: Int
    let seed: UInt64

    /// nil where the stream is too short, or has nothing that could break in this way.
    func run(on stream: PreparedStream) throws -> TrialResult? {
        guard moment < stream.starts.count else { return nil }
        let start = stream.starts[moment]
        let first = start.snapshot.position + Self.lead
        let length = min(longest, stream.lines.count - first - Self.tail)
        guard length >= Self.rangeLeast else { return nil }
        let random = SplitMix64(seed, UInt64(moment), share.bitPattern)
        guard var fault = Tampering(kind, share: share, of: stream.lines, shape: stream.shape, from: first, random: random) else {
            return nil
        }
        let broken = (first..<first + length).flatMap { fault.records(for: $0) }
        let clean = (first + length..<first + length + Self.tail).map { TopicRecord.original($0) }
        let topic = Topic(stream.lines, upTo: first, then: broken + clean)
        let end = first + broken.count
        let touched = (first..<end).filter { topic.isTouched($0) }
        guard let offset = touched.first else { return nil }
        let harness = try EngineHarness(topic, settings: stream.settings, from: start.snapshot)
        try Self.run(harness, faultEnd: end)
        var result = TrialResult(self, stream: stream.name, offset: offset, touched: touched.count)
        let natural = stream.detectorsAlarming(in: start.snapshot.position..<first + length)
        result.note(harness.alarms, besides: natural, rate: stream.settings.rate)
        result.note(harness, isExact: try Self.isExact(harness, start.base))
        return result
    }

    private var longest: Int {
        if share <= FaultKind.shareOfSource { return Self.rangeMost }
        return kind.grade == .gross ? Self.rangeOfGross : Self.range
    }

    private static func run(_ harness: EngineHarness, faultEnd: Int) throws {
        var resumes = 0
        while harness.next < harness.topic.end || harness.isFrozen {
            guard harness.isFrozen, harness.next >= resumeAt(harness, faultEnd: faultEnd) else {
                try harness.step()
                continue
            }
            resumes += 1
            // One that freezes for ever does not come to the end, and so is not exact.
            guard resumes <= resumesMost else { return }
            // A freeze before the fault is false, and its events are good.
            try harness.resume((harness.freezes.last ?? 0) <= harness.topic.tailStart ? .replay : .skip)
        }
        harness.finish()
    }

    private static func resumeAt(_ harness: EngineHarness, faultEnd: Int) -> Int {
        let frozenAt = harness.freezes.last ?? 0
        let isFalse = frozenAt <= harness.topic.tailStart
        return min(harness.topic.end, isFalse ? frozenAt : max(faultEnd, frozenAt) + patience)
    }

    /// Whether the lane's model is, bit for bit, that of one who never saw what was set aside, and every event is accounted for.
    private static func isExact(_ harness: EngineHarness, _ base: Oracle.Base) throws -> Bool {
        let skips = harness.state.skips.map { $0.from..<$0.to }
        let isAccounted = harness.state.counts.accounted == UInt64(harness.position)
        guard harness.position == harness.topic.end, isAccounted else { return false }
        let isPast = skips.allSatisfy { Int($0.lowerBound) >= base.position }
        var oracle = try Self.oracle(harness.settings, from: isPast ? base : nil)
        oracle.read(harness.topic, to: harness.topic.end, without: skips)
        return oracle.digest == harness.digest
    }

    private static func oracle(_ settings: EngineSettings, from base: Oracle.Base?) throws -> Oracle {
        guard let base else { return Oracle(settings) }
        return try Oracle(settings, from: base)
    }
}

/// What came of a trial.
public struct TrialResult: Encodable, Sendable {
    /// An alarm, as far after the first event that the fault touched.
    public struct Detection: Encodable, Sendable {
        public let detector: String
        /// `freeze` or `alert`.
        public let action: String
        /// Up to the event that completed the evidence, that one included.
        public let events: Int
        public let seconds: Double
    }

    public let stream: String
    public let fault: String
    public let grade: String
    public let share: Double
    /// Of the first record that the fault touched.
    public let offset: Int
    public let touched: Int
    /// The first alarm, and the first that froze.
    public private(set) var alarm: Detection?
    public private(set) var freeze: Detection?
    /// Freezes in all, those of the clean events afterwards included.
    public private(set) var freezes = 0
    /// Those that went on by themselves; the others were resumed with skip.
    public private(set) var endedByItself = 0
    /// The most touched examples that the model had learnt at any time, and that were in any version that could be served.
    public private(set) var poisonLearnt = 0
    public private(set) var poisonServed = 0
    /// Events set aside that the fault had not touched.
    public private(set) var goodSetAside = 0
    /// Damage was learnt and no version was there to go back to.
    public private(set) var isBeyondRepair = false
    /// The model is that of one who never saw what was set aside.
    public private(set) var isExact = false
    /// A freeze is demanded.
    public let mustFreeze: Bool

    /// A part of every event is broken, or all events of one source.
    var isPartial: Bool {
        guard let kind = FaultKind(rawValue: fault), kind.grade == .partial else { return false }
        return share == 1 || kind.isOfOneSource
    }

    init(_ trial: Trial, stream: String, offset: Int, touched: Int) {
        (self.stream, self.offset, self.touched) = (stream, offset, touched)
        (fault, grade, share) = (trial.kind.rawValue, trial.kind.grade.rawValue, trial.share)
        mustFreeze = trial.kind.freezesFrom.map { trial.share >= $0 } ?? false
    }

    /// - Parameter natural: detectors whose alarms say nothing: the stream makes them give one anyway.
    mutating func note(_ alarms: [Alarm], besides natural: Set<String>, rate: Double) {
        let telling = alarms.filter { Int($0.sequence) >= offset && !natural.contains($0.detector) }
        func detection(_ alarm: Alarm) -> Detection {
            let events = Int(alarm.sequence) - offset + 1
            return Detection(
                detector: alarm.detector, action: alarm.action.rawValue, events: events, seconds: Double(events) / rate)
        }
        alarm = telling.first.map(detection)
        freeze = telling.first { $0.action == .freeze }.map(detection)
    }

    mutating func note(_ harness: EngineHarness, isExact: Bool) {
        (freezes, endedByItself) = (harness.freezes.count, harness.endedByItself)
        (poisonLearnt, poisonServed) = (harness.learntPoison, harness.servedPoison)
        (isBeyondRepair, self.isExact) = (harness.isBeyondRepair, isExact)
        goodSetAside = harness.state.skips.reduce(0) { sum, skip in
            sum + (Int(skip.from)..<Int(skip.to)).count { !harness.topic.isTouched($0) }
        }
    }
}
