import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
@testable import Publishing
import Testing

@Suite("Limits")
struct LimitTests {
    @Test func bodyLongerThanTheLimitIs413AndOneOfTheLimitIsRead() async throws {
        var limits = HTTPLimits()
        limits.bodyBytes = 64
        let server = Sample.server(limits: limits)
        let event = PredictTests.flower
        let fitting = event + String(repeating: " ", count: 64 - event.utf8.count)
        #expect(try await server.answer(.post, "/v1/predict", fitting).status == .ok)
        let answer = try await server.answer(.post, "/v1/predict", fitting + " ")
        #expect(answer.status == .contentTooLarge)
        #expect(answer.error == "The body is longer than 64 bytes; send the events in several requests.")
        #expect(try await server.answer(.post, "/v2/models/flowers/infer", fitting + " ").status == .contentTooLarge)
    }

    @Test func moreEventsThanTheLimitAre413() async throws {
        var limits = HTTPLimits()
        limits.eventsPerRequest = 2
        let server = Sample.server(limits: limits)
        let two = "[\(PredictTests.flower),\(PredictTests.flower)]"
        #expect(try await server.answer(.post, "/v1/predict", two).status == .ok)
        let three = "[\(PredictTests.flower),\(PredictTests.flower),\(PredictTests.flower)]"
        #expect(try await server.answer(.post, "/v1/predict", three).status == .contentTooLarge)
        let rows = #"{"inputs":[{"name":"price","datatype":"FP64","shape":[3],"data":[1,2,3]}]}"#
        #expect(try await server.answer(.post, "/v2/models/flowers/infer", rows).error.hasPrefix("There are more than 2 rows"))
    }

    @Test func addressLongerThanTheLimitIs414() async throws {
        let answer = try await Sample.server().answer(.get, "/v1/model?" + String(repeating: "x", count: 4_096))
        #expect(answer.status == .uriTooLong)
        #expect(try await Sample.server().answer(.get, "/v1/model?" + String(repeating: "x", count: 4_000)).status == .ok)
    }

    @Test func predictionsBeyondTheLimitInFlightAre429AndTheStatusStillAnswers() async throws {
        var limits = HTTPLimits()
        limits.requestsInFlight = 0
        let server = Sample.server(limits: limits)
        for path in ["/v1/predict", "/v2/models/flowers/infer"] {
            let answer = try await server.answer(.post, path, PredictTests.flower)
            #expect(answer.status == .tooManyRequests)
            #expect(answer.headers[.retryAfter] == "1")
        }
        #expect(try await server.answer(.get, "/v2/health/ready").status == .ok)
    }

    @Test func finishedRequestsMakeRoomForTheNext() async throws {
        var limits = HTTPLimits()
        limits.requestsInFlight = 1
        let server = Sample.server(limits: limits)
        try await server.application().test(.router) { client in
            for body in [PredictTests.flower, "nonsense", PredictTests.flower] {
                let answer = try await client.execute(uri: "/v1/predict", method: .post, body: ByteBuffer(string: body))
                #expect(answer.status != .tooManyRequests)
            }
        }
    }

    @Test func connectionEndsWithItsLastAllowedRequest() async throws {
        var limits = HTTPLimits()
        limits.requestsPerConnection = 2
        try await Sample.server(limits: limits).application().test(.live) { client in
            let first = try await client.execute(uri: "/v2/health/live", method: .get)
            #expect(first.headers[.connection] == nil)
            let second = try await client.execute(uri: "/v2/health/live", method: .get)
            #expect(second.headers[.connection] == "close")
            await #expect(throws: (any Error).self) { try await client.execute(uri: "/v2/health/live", method: .get) }
        }
    }

    @Test func headersBeyondTheLimitEndTheRequest() async throws {
        try await Sample.server().application().test(.live) { client in
            let long = String(repeating: "x", count: 17 << 10)
            let answer = try await client.execute(uri: "/v2/health/live", method: .get, headers: [.userAgent: long])
            #expect(answer.status == .badRequest)
        }
    }

    @Test func addressesAreCountedAndLoopbackIsNot() {
        let addresses = AddressCounter()
        #expect(addresses.enter("10.0.0.1", limit: 2))
        #expect(addresses.enter("10.0.0.1", limit: 2))
        #expect(!addresses.enter("10.0.0.1", limit: 2))
        #expect(addresses.enter("10.0.0.2", limit: 2))
        addresses.leave("10.0.0.1")
        #expect(addresses.enter("10.0.0.1", limit: 2))
        for _ in 0..<10 { #expect(addresses.enter("127.0.0.1", limit: 2)) }
    }
}

@Suite("Life of a connection")
struct ConnectionLifeTests {
    @Test func headThatDoesNotComeClosesTheConnection() {
        var life = ConnectionLife(requestLimit: 10)
        #expect(life.opened() == .arm(.head))
        #expect(life.expired(.head) == .close)
    }

    @Test func bodyThatDoesNotComeIsRefused() {
        var life = reading()
        #expect(life.expired(.body) == .refuse)
        #expect(life.receivedEnd() == .none)
    }

    @Test func bodyThatDoesNotComeAfterTheAnswerBeganOnlyCloses() {
        var life = reading()
        life.beganAnswer()
        #expect(life.finishedAnswer() == .none)
        #expect(life.expired(.body) == .close)
    }

    @Test func completeRequestHasNoDeadlineAnyMore() {
        var life = reading()
        #expect(life.receivedEnd() == .disarm)
        #expect(life.expired(.body) == .none)
        life.beganAnswer()
        #expect(life.finishedAnswer() == .none)
        #expect(life.expired(.head) == .none)
        #expect(life.receivedHead() == .arm(.body))
    }

    @Test func lastRequestClosesAfterItsAnswer() {
        var life = ConnectionLife(requestLimit: 1)
        _ = life.opened()
        _ = life.receivedHead()
        _ = life.receivedEnd()
        #expect(life.isLastRequest)
        life.beganAnswer()
        #expect(life.finishedAnswer() == .close)
    }

    private func reading() -> ConnectionLife {
        var life = ConnectionLife(requestLimit: 10)
        _ = life.opened()
        _ = life.receivedHead()
        return life
    }
}
