import Kafka
import Logging
import Supervision

/// Sends reports to one topic, beside those who report: a topic that is away holds up nobody but this.
///
/// A report is sent again until it is delivered, with growing pauses; what gives way meanwhile is ``ReporterOutbox``'s to decide.
actor ReportSender {
    private let topic: String
    private let send: @Sendable (Report) async throws -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    private let backoff = Backoff(first: .milliseconds(500), longest: .seconds(10))
    private let logger: Logger
    private var outbox: ReporterOutbox
    /// There while anything is to be sent.
    private var work: Task<Void, Never>?
    private var pause: Task<Void, Never>?
    private var failures = 0
    private var isOver = false
    /// Waits for the work to be done.
    private var onlooker: CheckedContinuation<Void, Never>?

    /// - Parameters:
    ///   - limit: what may wait; beyond it the oldest audit record is dropped.
    ///   - sleep: waits between attempts; throws when cancelled.
    ///   - send: delivers a report, or throws.
    init(
        topic: String, limit: Int = 1_000, logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        send: @escaping @Sendable (Report) async throws -> Void
    ) {
        self.topic = topic
        self.logger = logger
        self.sleep = sleep
        self.send = send
        outbox = ReporterOutbox(limit: limit)
    }

    /// Takes a report over and returns at once.
    func submit(_ report: Report) {
        guard !isOver else { return }
        outbox.put(report)
        if work == nil { work = Task { await self.sendAll() } }
    }

    // MARK: - Sending

    private func sendAll() async {
        while !isOver, let report = outbox.take() {
            do {
                try await send(report)
                outbox.sent()
                failures = 0
            } catch {
                await fail(report, error)
            }
            tellOfDropped()
        }
        work = nil
        endWait()
    }

    private func fail(_ report: Report, _ error: any Error) async {
        outbox.failed(isRefused: (error as? KafkaError)?.code == KafkaError.Code.messageTooLarge)
        // The last attempts of a process that leaves are cut short by its own doing.
        guard !isOver else { return }
        logger.warning(
            "A report could not be sent",
            metadata: ["topic": "\(topic)", "report": "\(report.kind)", "waiting": "\(outbox.count)", "error": "\(error)"])
        failures += 1
        await rest(backoff.delay(failures - 1))
    }

    /// A task of its own, so that the pause can be cut short and the work goes on.
    private func rest(_ duration: Duration) async {
        let pause = Task { [sleep] in _ = try? await sleep(duration) }
        self.pause = pause
        await pause.value
        self.pause = nil
    }

    private func tellOfDropped() {
        let dropped = outbox.takeDropped()
        guard dropped > 0 else { return }
        logger.warning("Reports were dropped", metadata: ["topic": "\(topic)", "reports": "\(dropped)", "waiting": "\(outbox.count)"])
    }

    // MARK: - The end

    /// Sends what waits, for no longer than this; what is left then is lost, and counted in the log. Does not mind being called by a task that
    /// was cancelled.
    func finish(within patience: Duration) async {
        failures = 0
        pause?.cancel()
        if work != nil { await waitForWork(patience) }
        isOver = true
        pause?.cancel()
        guard outbox.count > 0 else { return }
        logger.warning("Reports were not sent before the end", metadata: ["topic": "\(topic)", "reports": "\(outbox.count)"])
    }

    /// A delivery cannot be cancelled, so the work is not waited for past its time.
    private func waitForWork(_ patience: Duration) async {
        let deadline = Task {
            guard (try? await self.sleep(patience)) != nil else { return }
            self.endWait()
        }
        await withCheckedContinuation { onlooker = $0 }
        deadline.cancel()
    }

    private func endWait() {
        onlooker.take()?.resume()
    }
}
