import Foundation
import Kafka
import Learning
import Synchronization
import TestSupport

/// Writes events at a steady rate until it is closed: the same hundred thousand over and over, one in a thousand of them broken.
final class Faucet: Sendable {
    static let cycle = 100_000
    private static let tick = Duration.milliseconds(100)

    private let feed: Feed
    private let topic: String
    private let admin: Admin
    private let lines: [[UInt8]]
    private let written = Atomic(0)

    init(_ model: Model, seed: UInt64) throws {
        (feed, topic) = (try model.feed(), model.input)
        admin = try Admin(model.bench.properties, logger: quiet)
        var stream = EventStream(seed: seed)
        lines = (0..<Self.cycle).map { index in
            let event = stream.next()
            return Self.isBroken(index) ? event.broken(for: .notJSON) ?? [] : Array(event.json.utf8)
        }
    }

    private static func isBroken(_ index: Int) -> Bool { index % 1_000 == 500 }

    /// Records that the broker has.
    var count: Int { written.load(ordering: .acquiring) }

    var broken: Int { (count + 499) / 1_000 }

    func pour(_ count: Int) async throws {
        let start = self.count
        for first in stride(from: start, to: start + count, by: 5_000) {
            let values = (first..<min(first + 5_000, start + count)).map { Optional(lines[$0 % Self.cycle]) }
            try await feed.produce(values: values)
            written.add(values.count, ordering: .releasing)
        }
    }

    /// - Parameter rate: events a second.
    func run(rate: Int) async throws {
        let (started, first) = (ContinuousClock.now, count)
        while !Task.isCancelled {
            let due = first + Int(Double(rate) * ((ContinuousClock.now - started) / .seconds(1)))
            try await pour(max(0, due - count))
            try? await Task.sleep(for: Self.tick)
        }
    }

    /// The topic forgets what lies `kept` records behind the newest version, as a topic with retention does: no broker has room for an hour.
    func forget(behind follower: LaneFollower, kept: Int) async throws {
        let partition = TopicPartition(topic: topic, partition: 0)
        while true {
            if let start = try await follower.newest().map({ $0.accounted - kept }), start > 0 {
                try await admin.deleteRecords(before: [partition: Int64(start)], timeout: .seconds(10))
            }
            do { try await Task.sleep(for: .seconds(5)) } catch { return }
        }
    }

    /// Files that hold, read one after the other, the events that are none of the broken ones.
    func writeClean(to folder: URL) throws -> [String] {
        let (whole, part) = (folder.appending(path: "cycle.jsonl"), folder.appending(path: "rest.jsonl"))
        try clean(lines.count).write(to: whole)
        try clean(count % Self.cycle).write(to: part)
        return [String](repeating: whole.path, count: count / Self.cycle) + [part.path]
    }

    private func clean(_ count: Int) -> Data {
        (0..<count).reduce(into: Data()) { if !Self.isBroken($1) { $0.append(contentsOf: lines[$1] + [10]) } }
    }
}
