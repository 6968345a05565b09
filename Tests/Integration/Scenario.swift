import TestSupport
import Testing

/// A scenario runs processes of its own and needs a good part of a small machine: no more than two at a time, and none without a broker.
struct ScenarioTrait: SuiteTrait, TestTrait, TestScoping {
    private static let slots = Slots(2)

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.slots.take()
        do {
            try await function()
        } catch {
            await Self.slots.giveBack()
            throw error
        }
        await Self.slots.giveBack()
    }
}

extension Trait where Self == ScenarioTrait {
    static var scenario: Self { ScenarioTrait() }
}

extension Trait where Self == ConditionTrait {
    static var needsBroker: Self { .enabled(if: NetworkBroker.isAvailable, "\(NetworkBroker.missing)") }
}

/// Places that are taken in the order of asking.
private actor Slots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
