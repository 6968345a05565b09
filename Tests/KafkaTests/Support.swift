import EmbeddedBroker
import Kafka
import Logging
import Synchronization
import TestSupport
import Testing

/// Logs are not what these tests are about.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

struct GaveUp: Error {}

/// One poll's content, copied.
struct Haul: Sendable {
    var records: [ConsumedRecord] = []
    var events: [ConsumerEvent] = []
}

extension Consumer {
    /// Polls and gathers until `isEnough`; gives up after a generous number of polls.
    @discardableResult
    func gather(polls: Int = 300, until isEnough: @Sendable (Haul) -> Bool) async throws -> Haul {
        var haul = Haul()
        for _ in 0..<polls {
            let more = try await poll(wait: .milliseconds(100)) { batch in
                var haul = Haul(events: batch.events)
                batch.forEach { haul.records.append($0.detach()) }
                return haul
            }
            haul.records += more.records
            haul.events += more.events
            if isEnough(haul) { return haul }
        }
        Issue.record("gave up waiting; got \(haul.records.count) records and \(haul.events)")
        throw GaveUp()
    }

    func gatherToEnd() async throws -> Haul {
        try await gather { haul in haul.events.contains { if case .endOfPartition = $0 { true } else { false } } }
    }
}

func failure(_ work: () async throws -> Void) async -> KafkaError? {
    do {
        try await work()
        return nil
    } catch {
        return error as? KafkaError
    }
}
