import Foundation
public import Kafka
import Logging

extension NetworkBroker {
    /// Whether the broker is a noida-db of the tests' own, and not a real one. Two of its faults (0.2.3) have to be steered around where
    /// trainers are killed: see `Undertaker` and `OpenTransactions`.
    public static var isStandIn: Bool { ProcessInfo.processInfo.environment["FRESHET_TEST_KAFKA"] == nil }
}

/// Tells whether a transaction with records in it is open in one of some partitions.
///
/// Who dies in the midst of a transaction has it aborted by whoever takes his name next. noida-db names an aborted transaction in the
/// answer to every later fetch, also to those that begin after the abort's marker, and a client that is told so hides everything that
/// producer writes from then on. (A broker must name only those whose marker is still to come.)
public struct OpenTransactions: Sendable {
    private let partitions: [TopicPartition]
    private let admin: Admin
    private let consumer: Consumer

    public init(in partitions: [TopicPartition], properties: [String: String]) throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.partitions = partitions
        admin = try Admin(properties, logger: quiet)
        consumer = try Consumer(properties, logger: quiet)
    }

    public func isAny() async throws -> Bool {
        for partition in partitions {
            let high = try await admin.watermarks(of: partition, timeout: .seconds(10)).high
            if try await consumer.stableEnd(of: partition, timeout: .seconds(10)) < high { return true }
        }
        return false
    }

    public func close() async {
        await admin.close(within: .seconds(3))
        await consumer.close(within: .seconds(3))
    }
}
