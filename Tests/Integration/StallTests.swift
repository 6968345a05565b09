import Foundation
import Hummingbird
import Synchronization
import TestSupport
import Testing

/// A producer that falls silent is a state of its own: it freezes, is told, and changes no bit.
@Suite(.needsBroker, .scenario) struct StallTests {
    @Test func `a silent feed freezes, alerts and resumes by itself to the same bits`() async throws {
        try await Bench.run { bench in
            try await Receiver.run { receiver in
                let model = try await Model(
                    bench, "stall",
                    ["watchdog": "{stall: 3s, probation: 1s}", "watch": "{webhook: \"http://127.0.0.1:\(receiver.port)/alerts\"}"])
                let trainer = try model.start("train")
                let watchdog = try model.start("watch")
                let (feed, follower) = (try model.feed(), model.follow())
                var stream = EventStream(seed: 6)
                let before = stream.next(3_000)
                try await feed.produce(before)
                try await follower.learned(before.count)
                let frozen = try await follower.version("a freeze for the silent feed") { $0.isFrozen }
                try #require(frozen.causes == ["feed-stalled"])
                try #require(frozen.learnt == before.count)
                try await bench.eventually("an alert at the webhook") {
                    receiver.documents.contains { $0.alert == "feed-stalled" && $0.status == "firing" }
                }
                var events = before + stream.next(3_000)
                try await feed.produce(Array(events[before.count...]))
                try await follower.version("a version with everything") { !$0.isFrozen && $0.learnt == events.count }
                try await bench.eventually("the alert's end at the webhook") {
                    // The feed flows on, or it would stall again.
                    events += stream.next(20)
                    try await feed.produce(Array(events.suffix(20)))
                    return receiver.documents.contains { $0.alert == "feed-stalled" && $0.status == "resolved" }
                }
                let last = try await follower.learned(events.count)
                try #require(last.accounted == events.count)
                try #require(last.digest == (try await model.evaluate(events)).modelDigest)
                try await model.stop(trainer, watchdog)
                await follower.close()
                await feed.close()
            }
        }
    }
}

/// A web server that takes alerts.
final class Receiver: Sendable {
    struct Document: Decodable, Sendable {
        var status: String
        var alert: String
        var labels: [String: String]
    }

    private let received = Mutex<[Document]>([])
    private let bound = Mutex<Int?>(nil)

    var documents: [Document] { received.withLock { $0 } }
    var port: Int { bound.withLock { $0 ?? 0 } }

    /// Receives for as long as `body` runs.
    static func run(_ body: @escaping @Sendable (Receiver) async throws -> Void) async throws {
        let receiver = Receiver()
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.post("alerts") { request, context in
            let document = try await request.decode(as: Document.self, context: context)
            receiver.received.withLock { $0.append(document) }
            return HTTPResponse.Status.ok
        }
        let server = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in listening.yield(channel.localAddress?.port ?? 0) }, logger: quiet)
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.runService(gracefulShutdownSignals: []) }
            group.addTask {
                for await port in ports {
                    receiver.bound.withLock { $0 = port }
                    break
                }
                try await body(receiver)
            }
            _ = try await group.next()
            group.cancelAll()
        }
    }
}
