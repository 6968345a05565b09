import Foundation
import Testing

@testable import fuzz

/// A short run of each target, the same every time. `swift run -c release fuzz` runs longer.
@Suite struct FuzzRegressionTests {
    @Test(arguments: FuzzTargets.names) func nothingIsFound(target: String) async throws {
        var loop = FuzzLoop(target: try await FuzzTargets.named(target), seed: 1)
        let report = try loop.run(count: 10_000)
        #expect(report.inputs == 10_000)
        // Every hundredth input is valid, and mutations are no guard against a reader that refuses everything.
        #expect(report.accepted >= 50, "\(report)")
    }

    @Test func anInputIsMadeAgainFromItsNumber() async throws {
        let target = try await FuzzTargets.named("page")
        let (first, again) = (FuzzLoop(target: target, seed: 3), FuzzLoop(target: target, seed: 3))
        #expect((0..<1_000).allSatisfy { first.input($0) == again.input($0) })
        #expect(first.input(7) != FuzzLoop(target: target, seed: 4).input(7))
    }

    @Test func aFindingIsToldWithSeedAndNumber() throws {
        var loop = FuzzLoop(target: Distrustful(), seed: 9, folder: FileManager.default.temporaryDirectory)
        let failure = #expect(throws: FuzzFailure.self) { try loop.run(from: 5, count: 50) }
        #expect(failure?.description.contains("distrustful, seed 9, input ") == true)
    }

    private struct Distrustful: FuzzTarget {
        let name = "distrustful"
        let seeds: [[UInt8]] = [[1]]
        let pieces: [[UInt8]] = [[2]]

        func take(_ bytes: [UInt8]) throws -> Bool {
            if bytes == [1] { return true }
            throw FuzzFailure("no")
        }
    }
}
