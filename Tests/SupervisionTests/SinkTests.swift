import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
@testable import Supervision
import Synchronization
import Testing

/// An HTTP receiver that remembers what it was sent.
final class Receiver: Sendable {
    struct Sent: Sendable {
        var path: String
        var headers: HTTPFields
        var body: String
    }

    private let status: HTTPResponse.Status
    private let sent = Mutex<[Sent]>([])

    init(status: HTTPResponse.Status = .ok) {
        self.status = status
    }

    var received: [Sent] { sent.withLock { $0 } }

    /// Runs the receiver while `work` is given its address.
    func run(_ work: @Sendable (String) async throws -> Void) async throws {
        let router = Router()
        router.post("/**") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            self.sent.withLock { $0.append(Sent(path: request.uri.path, headers: request.headers, body: String(buffer: body))) }
            return Response(status: self.status)
        }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)), logger: DeliveryTests.logger)
        try await application.test(.live) { client in try await work("http://127.0.0.1:\(client.port ?? 0)") }
    }
}

@Suite("Alert sinks")
struct SinkTests {
    @Test func alertmanagerGetsItsDocument() async throws {
        let receiver = Receiver()
        try await receiver.run { address in
            let sink = AlertmanagerSink(base: address + "/", generatorURL: "http://page/", headers: [("Authorization", "Bearer x")])
            try await sink.deliver(.fire(.sample()))
        }
        let sent = try #require(receiver.received.first)
        #expect(sent.path == "/api/v2/alerts")
        #expect(sent.headers[.contentType] == "application/json")
        #expect(sent.headers[.authorization] == "Bearer x")
        #expect(
            sent.body == """
                [{"annotations":{"command":"c","description":"d","runbook_url":"r","summary":"s"},\
                "endsAt":"2014-01-01T00:04:00.000Z","generatorURL":"http://page/",\
                "labels":{"alertname":"FreshetGateFrozen","cause":"label-rate","model":"flowers","severity":"page"},\
                "startsAt":"2014-01-01T00:00:00.000Z"}]
                """)
    }

    @Test func theSignOfLifeIsRepeatedToWebhooks() async throws {
        let receiver = Receiver(status: .noContent)
        try await receiver.run { address in
            let sink = WebhookSink(url: address + "/hook")
            var alive = Alert.sample(.watchdogAlive)
            alive.severity = .nobody
            for action in [AlertAction.fire(alive), .resend(alive), .resend(alive)] { try await sink.deliver(action) }
        }
        #expect(receiver.received.count == 3)
        #expect(receiver.received.allSatisfy { $0.body.contains(#""status":"firing""#) && $0.body.contains(#""severity":"none""#) })
    }

    @Test func webhookGetsOneDocumentAChangeAndNoRepetitions() async throws {
        let receiver = Receiver(status: .noContent)
        try await receiver.run { address in
            let sink = WebhookSink(url: address + "/hook")
            try await sink.deliver(.fire(.sample()))
            try await sink.deliver(.resend(.sample()))
            try await sink.deliver(.resolve(.sample()))
        }
        #expect(
            receiver.received.map(\.body) == [
                """
                {"alert":"gate-frozen","annotations":{"command":"c","description":"d","runbook_url":"r","summary":"s"},\
                "labels":{"cause":"label-rate","model":"flowers"},"severity":"page","startsAt":"2014-01-01T00:00:00.000Z","status":"firing"}
                """,
                """
                {"alert":"gate-frozen","annotations":{"command":"c","description":"d","runbook_url":"r","summary":"s"},\
                "endsAt":"2014-01-01T00:04:00.000Z","labels":{"cause":"label-rate","model":"flowers"},"severity":"page",\
                "startsAt":"2014-01-01T00:00:00.000Z","status":"resolved"}
                """,
            ])
    }

    @Test(arguments: [
        (500, AlertDeliveryError.Code.unavailable), (503, .unavailable), (429, .unavailable), (408, .unavailable), (400, .refused),
        (401, .refused), (404, .refused),
    ])
    func answerSaysWhetherTryingAgainHelps(status: Int, code: AlertDeliveryError.Code) async throws {
        try await Receiver(status: HTTPResponse.Status(code: status)).run { address in
            let error = await #expect(throws: AlertDeliveryError.self) {
                try await WebhookSink(url: address + "/hook").deliver(.fire(.sample()))
            }
            #expect(error?.code == code)
        }
    }

    @Test(arguments: ["", "not an address", "http://"])
    func addressThatIsNoneIsRefused(address: String) async throws {
        let error = await #expect(throws: AlertDeliveryError.self) { try await WebhookSink(url: address).deliver(.fire(.sample())) }
        #expect(error?.code == .refused)
    }

    @Test func receiverThatIsNotThereIsUnavailable() async throws {
        let address = Mutex("")
        try await Receiver().run { base in address.withLock { $0 = base } }
        let gone = address.withLock { $0 }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        let error = await #expect(throws: AlertDeliveryError.self) {
            try await WebhookSink(url: gone, headers: [("Authorization", "Bearer secret")], client: client).deliver(.fire(.sample()))
        }
        try await client.shutdown()
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("secret") == false)
    }
}
