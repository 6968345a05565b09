import Foundation
import Kafka
import Learning
import TestSupport
import Testing

/// One event in a hundred is broken, in every way there is.
@Suite(.needsBroker, .scenario, .serialized) struct QuarantineTests {
    private static let features = """
        {fields: /features, undeclared: learn, \
        declared: {price: {type: number, range: [0, 10000], required: true}, country: {type: category}}}
        """

    @Test func `broken events are set aside with reason and source and change no bit`() async throws {
        try await Bench.run { bench in try await run(seed: 4, kills: 0, bench) }
    }

    @Test func `each broken event is set aside once when the trainer is killed on the way`() async throws {
        let seed = anySeed()
        print("killed while it sets events aside: seed \(seed)")
        try await Bench.run { bench in
            try await run(seed: seed, kills: 2, bench)
        } onFailure: {
            "seed \(seed)"
        }
    }

    private struct Broken {
        var reason: RejectReason
        var bytes: [UInt8]?
    }

    private func run(seed: UInt64, kills: Int, _ bench: Bench) async throws {
        let model = try await Model(
            bench, "quarantine", alsoRead: "weight: /weight, limits: {bytes: \(LabelledEvent.bytesMax)B}", kafka: Model.member,
            ["features": Self.features])
        var (random, stream) = (SplitMix64(seed: seed), EventStream(seed: seed))
        var (values, clean, broken): ([[UInt8]?], [LabelledEvent], [Int: Broken]) = ([], [], [:])
        for index in 0..<7_200 {
            let event = stream.next()
            // Never two together, and none at the very start.
            if index % 100 == 50 {
                let reason = RejectReason.allCases[broken.count % RejectReason.allCases.count]
                broken[index] = Broken(reason: reason, bytes: event.broken(for: reason))
                values.append(broken[index]?.bytes)
            } else {
                clean.append(event)
                values.append(Array(event.json.utf8))
            }
        }
        let (feed, follower) = (try model.feed(), model.follow())
        var pour = Pour(values, feed, follower, bench)
        for kill in 0..<kills {
            let trainer = try model.start("train")
            try await pour.until(accounted: (kill + 1) * values.count / (kills + 2))
            try await pour.pieces(random.below(8))
            try model.kill(trainer)
        }
        let trainer = try model.start("train")
        try await pour.rest()
        let last = try await follower.accounted(values.count)
        try #require(!last.isFrozen, "1 % is no reason to freeze: \(last.causes)")
        try #require(last.quarantined == broken.count && last.learnt == clean.count && last.accounted == values.count)
        try #require(last.digest == (try await model.evaluate(clean)).modelDigest)
        try await model.stop(trainer)
        try await check(try await quarantined(of: model, bench), broken, model)
        await follower.close()
        await feed.close()
    }

    private func check(_ records: [ConsumedRecord], _ broken: [Int: Broken], _ model: Model) async throws {
        try #require(records.count == broken.count, "\(records.count) records for \(broken.count) broken events")
        var seen: Set<Int> = []
        for record in records {
            let headers = Dictionary(record.headers.map { ($0.0, String(decoding: $0.1 ?? [], as: UTF8.self)) }) { $1 }
            let offset = try #require(headers["freshet-offset"].flatMap(Int.init))
            try #require(seen.insert(offset).inserted, "offset \(offset) is in the quarantine twice")
            let expected = try #require(broken[offset], "the event at offset \(offset) was fine")
            try #require(headers["freshet-reason"] == expected.reason.rawValue, "\(headers)")
            try #require(headers["freshet-topic"] == model.input && headers["freshet-partition"] == "0")
            try #require(headers["freshet-null"] == String(expected.bytes == nil))
            try #require(headers["freshet-length"] == String(expected.bytes?.count ?? 0))
            try #require(record.value == expected.bytes ?? [])
        }
    }

    /// Everything committed in the quarantine topic.
    private func quarantined(of model: Model, _ bench: Bench) async throws -> [ConsumedRecord] {
        let reader = try CompactedReader(bench.properties, logger: quiet)
        var records: [ConsumedRecord] = []
        _ = try await reader.read(TopicPartition(topic: "\(model.name).quarantine", partition: 0)) { records += $0 }
        await reader.close(within: .seconds(3))
        return records
    }
}
