import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// One JSON document to one address.
struct HTTPPost: Sendable {
    let url: String
    /// Such as `Authorization`; never logged.
    let headers: [(String, String)]
    let client: HTTPClient
    let timeoutSeconds: Int64

    func send(_ document: some Encodable) async throws(AlertDeliveryError) {
        let status: UInt
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
            request.body = .bytes(ByteBuffer(bytes: try Self.encode(document)))
            let response = try await client.execute(request, timeout: .seconds(timeoutSeconds))
            // The answer's body says nothing we act upon, but a connection is used again only when it has been read.
            _ = try? await response.body.collect(upTo: 64 << 10)
            status = response.status.code
        } catch let error as HTTPClientError where Self.addressErrors.contains(error) {
            throw AlertDeliveryError(.refused, "'\(url)' is no address alerts can be sent to: \(error)")
        } catch {
            throw AlertDeliveryError(.unavailable, "\(url) did not answer: \(error)")
        }
        try Self.judge(status, url)
    }

    private static let addressErrors: [HTTPClientError] = [.invalidURL, .emptyHost, .emptyScheme]

    private static func judge(_ status: UInt, _ url: String) throws(AlertDeliveryError) {
        switch status {
        case 200..<300: return
        case 408, 425, 429, 500...: throw AlertDeliveryError(.unavailable, "\(url) answered \(status)")
        default: throw AlertDeliveryError(.refused, "\(url) answered \(status); look at the address and the credentials")
        }
    }

    private static func encode(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(document)
    }
}

extension Int64 {
    /// Milliseconds since 1970 as RFC 3339, `2013-01-01T00:00:00.000Z`.
    var rfc3339: String {
        Date(timeIntervalSince1970: Double(self) / 1_000).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
