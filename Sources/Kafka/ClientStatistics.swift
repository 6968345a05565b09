internal import Foundation

/// What librdkafka counts about one client, every `statistics.interval.ms`. Source: librdkafka's STATISTICS.md; names follow it.
///
/// Counters count since the client's start; a value that a librdkafka version does not give is nil.
public struct ClientStatistics: Codable, Sendable, Equatable {
    /// The client instance, such as `trainer#consumer-1`.
    public var name: String
    public var clientID: String
    /// `consumer` or `producer`.
    public var kind: String
    /// Microseconds on librdkafka's monotonic clock.
    public var time: Int64
    /// Seconds since 1970.
    public var wallTime: Int64
    /// Requests and bytes sent to brokers.
    public var requestsSent: Int64
    public var bytesSent: Int64
    /// Responses and bytes received from brokers.
    public var responsesReceived: Int64
    public var bytesReceived: Int64
    /// Records waiting in a producer's queues.
    public var recordsWaiting: Int64?
    public var brokers: [String: Broker]
    public var topics: [String: Topic]
    public var group: Group?

    private enum CodingKeys: String, CodingKey {
        case name, brokers, topics
        case clientID = "client_id", kind = "type", time = "ts", wallTime = "time"
        case requestsSent = "tx", bytesSent = "tx_bytes", responsesReceived = "rx", bytesReceived = "rx_bytes"
        case recordsWaiting = "msg_cnt", group = "cgrp"
    }

    public struct Broker: Codable, Sendable, Equatable {
        public var name: String
        /// -1 for a bootstrap address that has not told its id.
        public var id: Int32
        /// `UP`, `DOWN`, `CONNECT` …
        public var state: String
        /// Microseconds since the state changed.
        public var stateAge: Int64
        public var bytesSent: Int64
        public var bytesReceived: Int64
        public var requestsTimedOut: Int64?
        public var disconnects: Int64?
        public var roundTrip: Window?

        private enum CodingKeys: String, CodingKey {
            case name, state, disconnects
            case id = "nodeid", stateAge = "stateage", bytesSent = "txbytes", bytesReceived = "rxbytes"
            case requestsTimedOut = "req_timeouts", roundTrip = "rtt"
        }
    }

    /// A rolling window of microseconds.
    public struct Window: Codable, Sendable, Equatable {
        public var count: Int64
        public var minimum: Int64
        public var average: Int64
        public var median: Int64
        public var percentile99: Int64
        public var maximum: Int64

        private enum CodingKeys: String, CodingKey {
            case count = "cnt", minimum = "min", average = "avg", median = "p50", percentile99 = "p99", maximum = "max"
        }
    }

    public struct Topic: Codable, Sendable, Equatable {
        /// By number; "-1" holds what has no partition yet.
        public var partitions: [String: Partition]
    }

    /// Offsets are negative while unknown. Those of the log are what the last fetch or offset request told.
    public struct Partition: Codable, Sendable, Equatable {
        public var partition: Int32
        /// The broker that is fetched from: the leader, or a follower in the same rack; −1 while there is none.
        public var broker: Int32?
        public var leader: Int32
        public var lowOffset: Int64
        public var highOffset: Int64
        /// The last stable offset.
        public var stableOffset: Int64
        /// Where the next fetch begins.
        public var nextOffset: Int64
        /// One past the last record the application took.
        public var applicationOffset: Int64
        public var fetchState: String?

        /// How many offsets the application is behind the last stable one, or nil while either is unknown. librdkafka's own
        /// `consumer_lag` counts from committed offsets, which a consumer that keeps its own positions does not have.
        public var lag: Int64? {
            guard applicationOffset >= 0, stableOffset >= 0 else { return nil }
            return max(0, stableOffset - applicationOffset)
        }

        private enum CodingKeys: String, CodingKey {
            case partition, broker, leader
            case lowOffset = "lo_offset", highOffset = "hi_offset", stableOffset = "ls_offset", nextOffset = "next_offset"
            case applicationOffset = "app_offset", fetchState = "fetch_state"
        }
    }

    public struct Group: Codable, Sendable, Equatable {
        public var state: String
        public var joinState: String
        public var rebalances: Int64
        public var assignedPartitions: Int64

        private enum CodingKeys: String, CodingKey {
            case state
            case joinState = "join_state", rebalances = "rebalance_cnt", assignedPartitions = "assignment_size"
        }
    }
}

extension ClientStatistics {
    init(json: UnsafeRawBufferPointer) throws {
        self = try JSONDecoder().decode(ClientStatistics.self, from: unsafe Data(json))
    }
}
