import Kafka
import Logging
import Synchronization
import Testing
import Training

@testable import Freshet

extension Report {
    fileprivate static func status(_ lane: UInt16, _ word: UInt8) -> Report { .status(lane: lane, [word]) }

    fileprivate static func record(_ number: UInt8) -> Report { .audit([number]) }

    fileprivate static func answer(_ command: String, _ outcome: ControlAnswer.Outcome = .applied) -> Report {
        .answer(ControlAnswer(command: command, lane: 0, outcome: outcome, detail: "", version: nil, at: 1))
    }
}

extension ReporterOutbox {
    fileprivate init(_ reports: [Report], limit: Int = 10) {
        self.init(limit: limit)
        for report in reports { put(report) }
    }

    fileprivate mutating func fail(isRefused: Bool = false) {
        _ = take()
        failed(isRefused: isRefused)
    }
}

/// What an outbox sends next, keeps and drops.
@Suite struct ReporterOutboxTests {
    @Test func reportsGoOneAtATimeInOrder() {
        var outbox = ReporterOutbox([.record(1), .answer("a"), .record(2)])
        for expected in [Report.record(1), .answer("a"), .record(2)] {
            #expect(outbox.take() == expected)
            #expect(outbox.underWay == expected)
            outbox.sent()
        }
        #expect(outbox.take() == nil)
        #expect(outbox.count == 0)
    }

    @Test func ofEachLaneOnlyTheNewestStatusWaitsInThePlaceOfTheFirst() {
        let outbox = ReporterOutbox([.status(0, 1), .status(1, 1), .status(0, 2), .status(0, 3)])
        #expect(outbox.waiting == [.status(0, 3), .status(1, 1)])
    }

    @Test func aStatusTakenBackTakesThePlaceOfTheStatus() {
        let outbox = ReporterOutbox([.status(0, 1), .status(lane: 0, nil)])
        #expect(outbox.waiting == [.status(lane: 0, nil)])
    }

    @Test func aStatusUnderWayIsFollowedByTheNewerOne() {
        var outbox = ReporterOutbox([.status(0, 1)])
        #expect(outbox.take() == .status(0, 1))
        outbox.put(.status(0, 2))
        #expect(outbox.count == 2)
        outbox.sent()
        #expect(outbox.take() == .status(0, 2))
    }

    @Test func aStatusThatFailedGivesWayToANewerOne() {
        var outbox = ReporterOutbox([.status(0, 1)])
        _ = outbox.take()
        outbox.put(.status(0, 2))
        outbox.failed(isRefused: false)
        #expect(outbox.waiting == [.status(0, 2)])
    }

    @Test func aStatusWithoutANewerOneIsSentAgainBehindTheOthers() {
        var outbox = ReporterOutbox([.status(lane: 0, nil), .status(1, 1)])
        outbox.fail()
        #expect(outbox.waiting == [.status(1, 1), .status(lane: 0, nil)])
    }

    @Test(arguments: [false, true]) func anAnswerIsKeptUntilItIsSentAndHoldsUpNoOther(isRefused: Bool) {
        var outbox = ReporterOutbox([.answer("a"), .answer("b"), .status(0, 1)], limit: 1)
        outbox.fail(isRefused: isRefused)
        #expect(outbox.waiting == [.answer("b"), .status(0, 1), .answer("a")])
        #expect(outbox.takeDropped() == 0)
    }

    @Test func anotherAnswerToTheSameCommandReplacesTheOne() {
        var outbox = ReporterOutbox([.answer("a", .refused), .answer("b")])
        _ = outbox.take()
        outbox.put(.answer("a", .applied))
        outbox.failed(isRefused: false)
        #expect(outbox.waiting == [.answer("b"), .answer("a", .applied)])
    }

    @Test func pastTheLimitTheOldestRecordIsDroppedAndCounted() {
        var outbox = ReporterOutbox([.answer("a"), .record(1), .record(2), .record(3), .record(4)], limit: 3)
        #expect(outbox.waiting == [.answer("a"), .record(3), .record(4)])
        #expect(outbox.takeDropped() == 2)
        #expect(outbox.takeDropped() == 0)
    }

    @Test func answersStayHoweverManyThereAre() {
        var outbox = ReporterOutbox((0..<5).map { .answer("\($0)") }, limit: 2)
        #expect(outbox.waiting.count == 5)
        #expect(outbox.takeDropped() == 0)
    }

    @Test func aRecordThatFailedKeepsItsPlace() {
        var outbox = ReporterOutbox([.record(1), .record(2)])
        outbox.fail()
        #expect(outbox.waiting == [.record(1), .record(2)])
    }

    @Test func aRecordThatFailedIsTheOldestWhenThereIsNoRoom() {
        var outbox = ReporterOutbox([.record(1), .record(2)], limit: 2)
        _ = outbox.take()
        outbox.put(.record(3))
        outbox.failed(isRefused: false)
        #expect(outbox.waiting == [.record(2), .record(3)])
        #expect(outbox.takeDropped() == 1)
    }

    @Test func aRecordThatIsRefusedIsDropped() {
        var outbox = ReporterOutbox([.record(1), .record(2)])
        outbox.fail(isRefused: true)
        #expect(outbox.waiting == [.record(2)])
        #expect(outbox.takeDropped() == 1)
    }
}

// MARK: - The sender

/// Remembers what it was sent, and fails as often as it is told to.
private final class RecordingTopic: Sendable {
    private let received: AsyncStream<Report>
    private let receiver: AsyncStream<Report>.Continuation
    private let failures: Mutex<[KafkaError]>

    init(failures: [KafkaError] = []) {
        self.failures = Mutex(failures)
        (received, receiver) = AsyncStream.makeStream(of: Report.self)
    }

    func take(_ report: Report) throws {
        if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
        receiver.yield(report)
    }

    /// Waits for the next deliveries.
    func next(_ count: Int) async -> [Report] {
        var reports: [Report] = []
        for await report in received {
            reports.append(report)
            if reports.count == count { break }
        }
        return reports
    }

    /// What is left when nothing more comes.
    func rest() async -> [Report] {
        receiver.finish()
        return await next(.max)
    }
}

/// Remembers the waits that were asked for, and does not wait.
private final class RecordedSleep: Sendable {
    private let waits = Mutex<[Duration]>([])

    var durations: [Duration] { waits.withLock { $0 } }

    func sleep(_ duration: Duration) throws {
        try Task.checkCancellation()
        waits.withLock { $0.append(duration) }
    }
}

/// Something that opens once.
private final class Latch: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self) }

    func open() { continuation.finish() }

    /// Until it is open, or the task is cancelled.
    func wait() async { for await _ in stream {} }
}

/// Nobody who reports waits for a topic; the topic gets everything in the end.
@Suite struct ReportSenderTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let away = KafkaError(code: KafkaError.Code.messageTimedOut, operation: "produce")

    /// Until cancelled.
    private static let forever: @Sendable (Duration) async throws -> Void = { _ in
        await Latch().wait()
        try Task.checkCancellation()
    }

    @Test func everythingIsSentInOrderBeforeTheEnd() async {
        let topic = RecordingTopic()
        let sender = ReportSender(topic: "t", logger: Self.logger, sleep: Self.forever, send: { try topic.take($0) })
        let reports: [Report] = [.answer("a"), .status(0, 1), .record(1)]
        for report in reports { await sender.submit(report) }
        await sender.finish(within: .seconds(4))
        #expect(await topic.rest() == reports)
    }

    @Test func whatFailsIsSentAgainAfterGrowingPauses() async {
        let topic = RecordingTopic(failures: [Self.away, Self.away, Self.away])
        let sleep = RecordedSleep()
        let sender = ReportSender(topic: "t", logger: Self.logger, sleep: { try sleep.sleep($0) }, send: { try topic.take($0) })
        await sender.submit(.answer("a"))
        #expect(await topic.next(1) == [.answer("a")])
        #expect(sleep.durations == [.milliseconds(500), .seconds(1), .seconds(2)])
        await sender.finish(within: .seconds(4))
    }

    @Test func aRecordThatIsTooLargeDoesNotHoldUpTheNext() async {
        let topic = RecordingTopic(failures: [KafkaError(code: KafkaError.Code.messageTooLarge, operation: "produce")])
        let sleep = RecordedSleep()
        let sender = ReportSender(topic: "t", logger: Self.logger, sleep: { try sleep.sleep($0) }, send: { try topic.take($0) })
        await sender.submit(.record(1))
        await sender.submit(.record(2))
        #expect(await topic.next(1) == [.record(2)])
        await sender.finish(within: .seconds(4))
        #expect(await topic.rest() == [])
    }

    @Test func whileATopicHangsReportsAreTakenAndOnlyTheNewestStatusFollows() async {
        let (topic, latch) = (RecordingTopic(), Latch())
        let sender = ReportSender(topic: "t", logger: Self.logger, sleep: Self.forever) { report in
            try topic.take(report)
            await latch.wait()
        }
        await sender.submit(.status(0, 0))
        #expect(await topic.next(1) == [.status(0, 0)])
        for word in 1...100 { await sender.submit(.status(0, UInt8(word))) }
        latch.open()
        await sender.finish(within: .seconds(4))
        #expect(await topic.rest() == [.status(0, 100)])
    }

    @Test func theEndComesInTimeThoughTheTopicHangs() async {
        let (topic, latch, sleep) = (RecordingTopic(), Latch(), RecordedSleep())
        let firstIsOver: @Sendable (Duration) async throws -> Void = { duration in
            try sleep.sleep(duration)
            if sleep.durations.count > 1 { try await Self.forever(duration) }
        }
        let sender = ReportSender(topic: "t", logger: Self.logger, sleep: firstIsOver) { report in
            try topic.take(report)
            await latch.wait()
        }
        await sender.submit(.answer("a"))
        #expect(await topic.next(1) == [.answer("a")])
        await sender.submit(.answer("b"))
        await sender.finish(within: .seconds(4))
        #expect(sleep.durations == [.seconds(4)])
        await sender.submit(.answer("c"))
        latch.open()
        // Once more, until the delivery that hung has returned: nothing was begun after it.
        await sender.finish(within: .seconds(4))
        #expect(await topic.rest() == [])
    }

    /// The end comes by cancellation.
    @Test func aCancelledTaskCutsThePauseShortAndSeesEverythingSent() async {
        let (topic, pause) = (RecordingTopic(failures: [Self.away]), Latch())
        let untilCancelled: @Sendable (Duration) async throws -> Void = { duration in
            pause.open()
            try await Self.forever(duration)
        }
        let sender = ReportSender(topic: "t", logger: Self.logger, sleep: untilCancelled, send: { try topic.take($0) })
        await sender.submit(.answer("a"))
        await pause.wait()
        let leaving = Task { await sender.finish(within: .seconds(4)) }
        leaving.cancel()
        await leaving.value
        #expect(await topic.rest() == [.answer("a")])
    }
}
