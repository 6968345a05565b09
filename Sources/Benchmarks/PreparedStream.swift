import Checkpointing
import Inspection
import Learning
import Training

/// A stream that was run clean once, with the places where trials begin.
struct PreparedStream: Sendable {
    /// Where a trial begins: the lane, and the independent learner that judges it in the end.
    struct Start: Sendable {
        let snapshot: Snapshot
        let base: Oracle.Base
    }

    /// An alarm of the clean run, at an offset.
    struct Sighting: Hashable, Sendable {
        let detector: String
        let offset: Int
    }

    /// Events that are read on after a freeze of the clean run, before it is found to be false.
    private static let patience = 2_000
    /// Events until which the slowest detectors only learn what is usual.
    private static let armed = 20_000
    /// A stream that freezes more often is not read to its end.
    private static let freezesMost = 100

    let name: String
    let lines: EventLines
    let shape: StreamShape
    let settings: EngineSettings
    let starts: [Start]
    let freezes: [Sighting]
    let alerts: [Sighting]
    /// Whether the lane was bit for bit that of the plain learner wherever they were compared.
    let isExact: Bool

    /// - Parameters:
    ///   - moments: how many places of the stream the faults begin at.
    ///   - rate: events a second.
    init(_ name: String, _ lines: EventLines, moments: Int, rate: Double, random: SplitMix64) throws {
        (self.name, self.lines) = (name, lines)
        shape = StreamShape(of: lines)
        var settings = try EngineSettings(task: shape.task, rate: rate)
        let harness = EngineHarness(Topic(lines), settings: settings)
        let snapshots = try Self.run(harness, pausingAt: Self.places(moments, in: lines.count, random))
        // What the decoder met later does no harm: the names only say which index a field has.
        settings.fieldNames = harness.fieldNames
        self.settings = settings
        freezes = Self.sightings(in: harness.alarms, of: .freeze)
        alerts = Self.sightings(in: harness.alarms, of: .alert)
        (starts, isExact) = Self.judge(snapshots, final: harness.digest, lines, settings)
    }

    /// The stream from beginning to end, as it is. A freeze is false here: its events are learnt after all.
    private static func run(_ harness: EngineHarness, pausingAt places: [Int]) throws -> [Snapshot] {
        var places = places[...]
        var snapshots: [Snapshot] = []
        while harness.next < harness.topic.end || harness.isFrozen {
            let hasEnded = harness.next >= harness.topic.end
            if harness.isFrozen, hasEnded || harness.next >= (harness.freezes.last ?? 0) + patience {
                guard harness.freezes.count < freezesMost else { break }
                try harness.resume(.replay)
            } else {
                try harness.step()
            }
            guard let place = places.first, !harness.isFrozen, harness.position >= place else { continue }
            places.removeFirst()
            snapshots.append(try harness.snapshot())
        }
        harness.finish()
        return snapshots
    }

    /// The positions from which trials begin, ascending.
    private static func places(_ moments: Int, in events: Int, _ random: SplitMix64) -> [Int] {
        var random = random
        let earliest = min(armed, events / 3)
        let latest = max(earliest + 1, events - Trial.rangeMost - Trial.tail)
        return (0..<moments).map { _ in max(0, earliest + random.below(latest - earliest) - Trial.lead) }.sorted()
    }

    private static func sightings(in alarms: [Alarm], of action: DetectorAction) -> [Sighting] {
        let all = alarms.filter { $0.action == action }.map { Sighting(detector: $0.detector, offset: Int($0.sequence)) }
        return Set(all).sorted { ($0.offset, $0.detector) < ($1.offset, $1.detector) }
    }

    /// The plain learner over the same events, compared with the lane at every snapshot and at the end.
    private static func judge(
        _ snapshots: [Snapshot], final: Digest128, _ lines: EventLines, _ settings: EngineSettings
    ) -> ([Start], isExact: Bool) {
        var oracle = Oracle(settings)
        let topic = Topic(lines)
        var starts: [Start] = []
        var isExact = true
        for snapshot in snapshots {
            oracle.read(topic, to: snapshot.position)
            isExact = isExact && oracle.digest == snapshot.newest.digest
            starts.append(Start(snapshot: snapshot, base: oracle.base))
        }
        oracle.read(topic, to: topic.end)
        return (starts, isExact && oracle.digest == final)
    }

    /// The detectors that give an alarm in these events without any fault.
    func detectorsAlarming(in offsets: Range<Int>) -> Set<String> {
        Set((freezes + alerts).filter { offsets.contains($0.offset) }.map(\.detector))
    }
}

/// What a benchmark cannot go on with.
public struct BenchmarkFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
