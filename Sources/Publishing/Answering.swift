import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// An answer of one JSON document, keys sorted, so that equal answers are equal bytes.
    static func json(_ document: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(document)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    static func text(_ text: String, contentType: String, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

extension Request {
    /// The whole body, or 413.
    func wholeBody(upTo limit: Int) async throws -> ByteBuffer {
        if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw HTTPError.bodyTooLarge(limit: limit) }
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw HTTPError.bodyTooLarge(limit: limit)
        }
    }
}

extension HTTPError {
    static func bodyTooLarge(limit: Int) -> HTTPError {
        HTTPError(.contentTooLarge, message: "The body is longer than \(limit) bytes; send the events in several requests.")
    }

    static func badRequest(_ sentence: String) -> HTTPError {
        HTTPError(.badRequest, message: sentence)
    }
}

extension DecodingError {
    /// What is wrong with a JSON document and where, in one sentence and with no type names of ours.
    var sentence: String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(Self.place(context.codingPath)) has a value of the wrong type."
        case .keyNotFound(let key, let context):
            "\(Self.place(context.codingPath)) has no '\(key.stringValue)'."
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "The body is not one JSON document."
        case .dataCorrupted(let context):
            "\(Self.place(context.codingPath)) has a value that is not possible there."
        @unknown default:
            "The body is not as the protocol wants it."
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "The document" }
        return path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
    }
}
