import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
@testable import Publishing
import Testing

@Suite("Connection guard")
struct ConnectionGuardTests {
    private let head = HTTPRequestPart.head(HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/v1/predict"))

    private func connection(_ limits: HTTPLimits = HTTPLimits()) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ConnectionGuard(limits: limits, addresses: AddressCounter()))
        try channel.connect(to: SocketAddress(ipAddress: "10.0.0.1", port: 1)).wait()
        return channel
    }

    @Test func connectionWithoutARequestEndsAtTheHeadDeadline() throws {
        let channel = try connection()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(4_999))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test func slowBodyIsAnswered408AndClosed() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        for _ in 0..<9 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
        guard case .head(let answer) = try channel.readOutbound(as: HTTPResponsePart.self) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.status == .requestTimeout)
        #expect(answer.headerFields[.connection] == "close")
    }

    @Test func completeRequestMayTakeItsTimeToAnswer() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        #expect(channel.isActive)
    }

    @Test func lastAllowedRequestIsToldSoAndCloses() throws {
        var limits = HTTPLimits()
        limits.requestsPerConnection = 1
        let channel = try connection(limits)
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        guard case .head(let answer) = try channel.readOutbound(as: HTTPResponsePart.self) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.headerFields[.connection] == "close")
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        #expect(!channel.isActive)
    }
}
