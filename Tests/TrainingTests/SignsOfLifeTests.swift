import Foundation
import Kafka
import Testing

@testable import Training

/// What the client's statistics tell of brokers and partitions.
@Suite struct SignsOfLifeTests {
    private let place = TopicPartition(topic: "events", partition: 3)

    /// - Parameter bytes: received from brokers 1 and 2.
    private func statistics(_ bytes: [Int], answers: Int, high: Int, stable: Int, broker: Int = 1) throws -> ClientStatistics {
        let brokers = bytes.enumerated().map { index, bytes in
            #""b\#(index + 1)": {"name": "b", "nodeid": \#(index + 1), "state": "UP", "stateage": 1, "txbytes": 1, "rxbytes": \#(bytes)}"#
        }
        let partition = #"""
            "3": {"partition": 3, "broker": \#(broker), "leader": 1, "lo_offset": 0, "hi_offset": \#(high), "ls_offset": \#(stable),
            "next_offset": 1, "app_offset": 1}
            """#
        let text = #"""
            {"name": "c", "client_id": "c", "type": "consumer", "ts": 1, "time": 1, "tx": 1, "tx_bytes": 1, "rx": \#(answers), "rx_bytes": 1,
            "brokers": {\#(brokers.joined(separator: ", "))}, "topics": {"events": {"partitions": {\#(partition)}}}}
            """#
        return try JSONDecoder().decode(ClientStatistics.self, from: Data(text.utf8))
    }

    @Test func endsAreThoseOfTheLastFetch() throws {
        let life = SignsOfLife()
        life.note(try statistics([10, 10], answers: 1, high: 120, stable: 100))
        let ends = try #require(life.signs.partitions[place])
        #expect(ends.high == 120 && ends.stable == 100)
        life.note(try statistics([20, 10], answers: 2, high: -1001, stable: -1001))
        #expect(life.signs.partitions[place]?.high == 120, "what is not known replaces nothing")
    }

    @Test func onlyThePartitionsOwnBrokerSpeaksForIt() async throws {
        let life = SignsOfLife()
        life.note(try statistics([10, 10], answers: 1, high: 120, stable: 100))
        let before = try #require(life.signs.partitions[place]?.answeredAt)
        try await Task.sleep(for: .milliseconds(2))
        life.note(try statistics([10, 20], answers: 2, high: 120, stable: 100))
        #expect(life.signs.partitions[place]?.answeredAt == before)
        #expect(life.signs.lastAnswer > before)
        // A follower that is fetched from instead of the leader.
        life.note(try statistics([10, 30], answers: 3, high: 120, stable: 100, broker: 2))
        #expect(life.signs.partitions[place].map { $0.answeredAt > before } == true)
    }
}
