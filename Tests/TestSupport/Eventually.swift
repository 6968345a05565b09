import Foundation

/// What a test waits for or needs is not there.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Asks again and again until there is an answer, and gives it back.
///
/// - Parameters:
///   - what: completes "in time there was not …".
///   - deadline: when to give up.
public nonisolated(nonsending) func eventually<Answer>(
    _ what: @autoclosure () -> String, by deadline: ContinuousClock.Instant, every pause: Duration = .milliseconds(50),
    _ ask: () async throws -> Answer?
) async throws -> Answer {
    while true {
        if let answer = try await ask() { return answer }
        guard ContinuousClock.now < deadline else { throw TestFailure("in time there was not \(what())") }
        try await Task.sleep(for: pause)
    }
}

/// A seed nobody chose, or the one in `FRESHET_TEST_SEED`, which repeats a run that failed.
public func anySeed() -> UInt64 {
    ProcessInfo.processInfo.environment["FRESHET_TEST_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64(UInt32.max))
}
