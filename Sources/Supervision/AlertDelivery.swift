public import CoreMetrics
public import Logging
import Synchronization

/// Brings alerts to every sink, each at its own pace: a sink that is away holds up neither the watchdog nor the other sinks.
public final class AlertDelivery: Sendable {
    private struct Lane: Sendable {
        let sink: any AlertSink
        let wake: AsyncStream<Void>
        let waker: AsyncStream<Void>.Continuation
    }

    private let lanes: [Lane]
    private let queues: Mutex<[AlertQueue]>
    private let backoff: Backoff
    private let sleep: @Sendable (Duration) async throws -> Void
    private let logger: Logger
    private let metrics: any MetricsFactory

    /// - Parameters:
    ///   - queueLimit: what may wait for one sink; beyond it the oldest is dropped.
    ///   - sleep: waits between attempts; throws when cancelled.
    public init(
        sinks: [any AlertSink],
        backoff: Backoff = Backoff(),
        queueLimit: Int = 1_000,
        logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        lanes = sinks.map { sink in
            let (wake, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            return Lane(sink: sink, wake: wake, waker: waker)
        }
        queues = Mutex(Array(repeating: AlertQueue(limit: queueLimit), count: sinks.count))
        self.backoff = backoff
        self.sleep = sleep
        self.logger = logger
        self.metrics = metrics
    }

    /// Hands alerts over and returns at once.
    public func submit(_ actions: [AlertAction]) {
        guard !actions.isEmpty else { return }
        for (index, lane) in lanes.enumerated() {
            let dropped = queues.withLock { queues in actions.reduce(0) { $0 + queues[index].append($1) } }
            if dropped > 0 { count(lane.sink, result: "dropped", by: dropped) }
            lane.waker.yield()
        }
    }

    /// Delivers until its task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for (index, lane) in lanes.enumerated() {
                group.addTask {
                    for await _ in lane.wake { await self.drain(index, lane.sink) }
                }
            }
        }
    }

    private func drain(_ index: Int, _ sink: any AlertSink) async {
        var attempt = 0
        while !Task.isCancelled, let action = queues.withLock({ $0[index].actions.first }) {
            do {
                try await sink.deliver(action)
                finish(action, index, sink, result: "delivered")
                attempt = 0
            } catch  where error.isWorthRetrying {
                count(sink, result: "retried")
                logger.warning("An alert could not be delivered and will be tried again", metadata: metadata(action, sink, error))
                guard (try? await sleep(backoff.delay(attempt))) != nil else { return }
                attempt += 1
            } catch {
                finish(action, index, sink, result: "refused")
                logger.error("An alert was refused by its receiver", metadata: metadata(action, sink, error))
            }
        }
    }

    private func finish(_ action: AlertAction, _ index: Int, _ sink: any AlertSink, result: String) {
        queues.withLock { $0[index].remove(action) }
        count(sink, result: result)
    }

    private func count(_ sink: any AlertSink, result: String, by amount: Int = 1) {
        Counter(label: "freshet_alert_deliveries_total", dimensions: [("sink", sink.name), ("result", result)], factory: metrics)
            .increment(by: amount)
    }

    private func metadata(_ action: AlertAction, _ sink: any AlertSink, _ error: AlertDeliveryError) -> Logger.Metadata {
        ["sink": "\(sink.name)", "alert": "\(action.alert.name.rawValue)", "error": "\(error)"]
    }
}
