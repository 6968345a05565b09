import Logging
@testable import Supervision
import Synchronization
import Testing

/// Remembers what it was told, and fails as often as it is told to.
final class RecordingSink: AlertSink {
    let name: String
    let received: AsyncStream<AlertAction>
    private let receiver: AsyncStream<AlertAction>.Continuation
    private let failures: Mutex<[AlertDeliveryError]>

    init(_ name: String = "recording", failures: [AlertDeliveryError] = []) {
        self.name = name
        self.failures = Mutex(failures)
        (received, receiver) = AsyncStream.makeStream(of: AlertAction.self)
    }

    func deliver(_ action: AlertAction) async throws(AlertDeliveryError) {
        if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
        receiver.yield(action)
    }

    /// Waits for the next deliveries.
    func next(_ count: Int) async -> [AlertAction] {
        var actions: [AlertAction] = []
        for await action in received {
            actions.append(action)
            if actions.count == count { break }
        }
        return actions
    }
}

/// Remembers the waits that were asked for, and does not wait.
final class RecordedSleep: Sendable {
    private let waits = Mutex<[Duration]>([])

    var durations: [Duration] { waits.withLock { $0 } }

    func sleep(_ duration: Duration) throws {
        try Task.checkCancellation()
        waits.withLock { $0.append(duration) }
    }
}

extension Alert {
    static func sample(_ name: Name = .gateFrozen, cause: String = "label-rate", endsAt: Int64 = 1_388_534_640_000) -> Alert {
        Alert(
            name: name, severity: .page, labels: ["model": "flowers", "cause": cause],
            annotations: ["summary": "s", "description": "d", "runbook_url": "r", "command": "c"], startsAt: 1_388_534_400_000,
            endsAt: endsAt)
    }
}

@Suite("Delivery of alerts")
struct DeliveryTests {
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func everySinkIsToldEverythingInOrder() async {
        let sinks = [RecordingSink("a"), RecordingSink("b")]
        let actions: [AlertAction] = [.fire(.sample()), .fire(.sample(cause: "operator")), .resolve(.sample())]
        await running(AlertDelivery(sinks: sinks, logger: Self.logger)) { delivery in
            delivery.submit(actions)
            for sink in sinks { #expect(await sink.next(3) == actions) }
        }
    }

    @Test func failedDeliveryIsTriedAgainWithGrowingWaits() async {
        let failure = AlertDeliveryError(.unavailable, "no answer")
        let sink = RecordingSink(failures: [failure, failure, failure])
        let sleep = RecordedSleep()
        await running(AlertDelivery(sinks: [sink], logger: Self.logger, sleep: { try sleep.sleep($0) })) { delivery in
            delivery.submit([.fire(.sample())])
            #expect(await sink.next(1) == [.fire(.sample())])
        }
        #expect(sleep.durations == [.seconds(1), .seconds(2), .seconds(4)])
    }

    @Test func refusedAlertIsGivenUpAndTheNextDelivered() async {
        let sink = RecordingSink(failures: [AlertDeliveryError(.refused, "answered 400")])
        await running(AlertDelivery(sinks: [sink], logger: Self.logger)) { delivery in
            delivery.submit([.fire(.sample()), .fire(.sample(cause: "operator"))])
            #expect(await sink.next(1) == [.fire(.sample(cause: "operator"))])
        }
    }

    @Test func sinkThatIsAwayHoldsUpNeitherTheOthersNorTheCaller() async {
        let away = RecordingSink("away", failures: [AlertDeliveryError(.unavailable, "no answer")])
        let present = RecordingSink("present")
        let forever: @Sendable (Duration) async throws -> Void = { _ in
            for await _ in AsyncStream.makeStream(of: Void.self).stream {}
            try Task.checkCancellation()
        }
        await running(AlertDelivery(sinks: [away, present], logger: Self.logger, sleep: forever)) { delivery in
            for _ in 0..<3 {
                delivery.submit([.resend(.sample())])
                #expect(await present.next(1) == [.resend(.sample())])
            }
        }
    }

    @Test func waitingAlertIsRenewedInsteadOfRepeated() {
        var queue = AlertQueue(limit: 10)
        let actions: [AlertAction] = [
            .fire(.sample(endsAt: 1)), .fire(.sample(cause: "operator")), .resend(.sample(endsAt: 2)), .resend(.sample(endsAt: 3)),
        ]
        #expect(actions.map { queue.append($0) } == [0, 0, 0, 0])
        #expect(queue.actions == [.fire(.sample(endsAt: 3)), .fire(.sample(cause: "operator"))])
        _ = queue.append(.resolve(.sample(endsAt: 4)))
        #expect(queue.actions.count == 3)
    }

    @Test func queueKeepsTheNewestAndTellsWhatItDrops() {
        var queue = AlertQueue(limit: 2)
        #expect(["a", "b", "c"].map { queue.append(.fire(.sample(cause: $0))) } == [0, 0, 1])
        #expect(queue.actions.map { $0.alert.labels["cause"] } == ["b", "c"])
        queue.remove(.fire(.sample(cause: "a")))
        #expect(queue.actions.count == 2)
    }

    @Test func backoffDoublesUpToItsLongest() {
        let backoff = Backoff(first: .seconds(1), longest: .seconds(60))
        #expect([0, 1, 5, 6, 1_000].map(backoff.delay) == [.seconds(1), .seconds(2), .seconds(32), .seconds(60), .seconds(60)])
    }

    private func running(_ delivery: AlertDelivery, _ work: (AlertDelivery) async -> Void) async {
        let task = Task { await delivery.run() }
        await work(delivery)
        task.cancel()
        await task.value
    }
}
