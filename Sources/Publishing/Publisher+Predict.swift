import Events
import Hummingbird
import Learning
import NIOCore

extension Publisher {
    /// `POST /v1/predict`: events as they are on the topic, without the label.
    func predict(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        // Asked before the body is read: without a model there is no use in reading it.
        _ = try served()
        let format: EventSplitter.Format = request.isNDJSON ? .lines : .json
        let body = try await request.wholeBody(upTo: configuration.limits.bodyBytes)
        let served = try served()
        let predictions = try predictions(for: body, as: format, by: served)
        metrics.predicted(predictions.count)
        let freshness = freshness(of: served)
        let answer = PredictAnswer(
            model: served.snapshot.modelName, version: freshness.version, ageSeconds: freshness.ageSeconds,
            inputWatermark: freshness.inputWatermark, stale: freshness.stale, predictions: predictions)
        return try .json(answer, headers: freshness.headers)
    }

    private func predictions(for body: ByteBuffer, as format: EventSplitter.Format, by served: ServedModel) throws -> [Float] {
        let events: [Range<Int>]
        do {
            events = try EventSplitter.split(body.readableBytesUInt8Span, as: format, limit: configuration.limits.eventsPerRequest)
        } catch .tooMany(let limit) {
            throw HTTPError(.contentTooLarge, message: EventSplitter.Problem.tooMany(limit: limit).sentence)
        } catch {
            throw HTTPError.badRequest(error.sentence)
        }
        let time = now()
        return try served.predict { decoder, batch in
            try unsafe body.withUnsafeReadableBytes { bytes in
                for (index, event) in events.enumerated() {
                    let event = unsafe UnsafeRawBufferPointer(rebasing: bytes[event])
                    if let rejection = unsafe decoder.decode(event, purpose: .prediction, fallbackTime: time, into: &batch) {
                        throw HTTPError.badRequest("Event \(index) \(rejection.sentence)")
                    }
                }
            }
        }
    }
}

extension Request {
    /// The content type says one JSON object a line.
    fileprivate var isNDJSON: Bool {
        guard let type = headers[.contentType]?.split(separator: ";").first else { return false }
        return type.lowercased() == "application/x-ndjson"
    }
}

extension Rejection {
    /// Completes "Event 3 …".
    var sentence: String { "cannot be predicted: \(reason.rawValue)\(detail.isEmpty ? "" : " (\(detail))")." }
}
