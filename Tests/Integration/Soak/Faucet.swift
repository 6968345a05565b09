import Foundation
import Learning
import Synchronization
import TestSupport

/// Writes events at a steady rate until it is closed: the same hundred thousand over and over, one in a thousand of them broken.
final class Faucet: Sendable {
    static let cycle = 100_000
    private static let tick = Duration.milliseconds(100)

    private let feed: Feed
    private let lines: [[UInt8]]
    private let written = Atomic(0)

    init(_ feed: Feed, seed: UInt64) {
        self.feed = feed
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

    /// The events that are none of the broken ones, as lines of a file.
    func writeClean(to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw TestFailure("\(path) cannot be written") }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let cycle = lines.indices.filter { !Self.isBroken($0) }
        for first in stride(from: 0, to: count, by: Self.cycle) {
            let block = cycle.prefix { first + $0 < count }.reduce(into: Data()) { $0.append(contentsOf: lines[$1] + [10]) }
            try file.write(contentsOf: block)
        }
        try file.close()
    }
}
