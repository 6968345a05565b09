import Events
import FoundationEssentials
import Hummingbird
import Learning
import NIOCore

extension Publisher {
    /// `POST /v2/models/{model}/infer`, with or without `/versions/{version}`.
    func infer(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        _ = try served(context)
        let body = try await request.wholeBody(upTo: configuration.limits.bodyBytes)
        let served = try served(context)
        let inference = try inference(from: body)
        let predictions = try predictions(for: inference, by: served)
        metrics.predicted(predictions.count)
        let freshness = freshness(of: served)
        let answer = InferenceAnswer(
            modelName: served.snapshot.modelName, modelVersion: freshness.version, id: inference.id, parameters: freshness,
            outputs: [InferenceAnswer.Tensor(shape: [predictions.count], data: predictions)])
        return try .json(answer, headers: freshness.headers)
    }

    private func inference(from body: ByteBuffer) throws -> InferenceRequest {
        do {
            return try JSONDecoder().decode(InferenceRequest.self, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw HTTPError.badRequest(error.sentence)
        }
    }

    private func predictions(for inference: InferenceRequest, by served: ServedModel) throws -> [Float] {
        let rows: Int
        do {
            rows = try inference.rows(for: served.datatypes, limit: configuration.limits.eventsPerRequest)
        } catch {
            throw HTTPError.badRequest(error.sentence)
        }
        return try served.predict { decoder, batch in
            for row in 0..<rows {
                if let rejection = decoder.decode(fields: inference.fields(of: row), into: &batch) {
                    throw HTTPError.badRequest("Row \(row) \(rejection.sentence)")
                }
            }
        }
    }
}
