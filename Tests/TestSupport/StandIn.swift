import Foundation

extension NetworkBroker {
    /// Whether the broker is a noida-db of the tests' own, and not a real one. Two of its faults (0.2.3) have to be steered around where
    /// trainers are killed: see ``Undertaker`` and ``AbortRepair``.
    public static var isStandIn: Bool { ProcessInfo.processInfo.environment["FRESHET_TEST_KAFKA"] == nil }
}
