import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// Makes every answer safe to show: failures become one JSON sentence without a trace of the code, and browsers are told not to guess.
struct SafetyMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext

    func handle(
        _ request: Request, context: BasicRequestContext, next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPError {
            response = try .json(
                ErrorAnswer(error: error.body ?? Self.sentence(for: error.status)), status: error.status, headers: error.headers)
        } catch {
            context.logger.error("Answering a request failed", metadata: ["error": "\(error)"])
            response = try .json(ErrorAnswer(error: "This request could not be answered."), status: .internalServerError)
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private static func sentence(for status: HTTPResponse.Status) -> String {
        status == .notFound ? "There is nothing at this address." : "\(status.reasonPhrase)."
    }
}

/// Refuses addresses longer than any of ours.
struct URLLimitMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext
    let limit: Int

    func handle(
        _ request: Request, context: BasicRequestContext, next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.uri.string.utf8.count <= limit else {
            throw HTTPError(.uriTooLong, message: "The address is longer than \(limit) bytes.")
        }
        return try await next(request, context)
    }
}

/// Answers 429 rather than letting requests queue up: a queue would make every answer late instead of a few refused.
final class InFlightMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext
    private let limit: Int
    private let inFlight = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    func handle(
        _ request: Request, context: BasicRequestContext, next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        defer { inFlight.subtract(1, ordering: .relaxed) }
        guard inFlight.add(1, ordering: .relaxed).newValue <= limit else {
            throw HTTPError(
                .tooManyRequests, headers: [.retryAfter: "1"],
                message: "More than \(limit) predictions are in progress; try again in a second.")
        }
        return try await next(request, context)
    }
}

/// Counts and times every request by route, never by address: the set of routes is fixed, the set of addresses is not.
struct RequestMetricsMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext
    let metrics: PublishingMetrics

    func handle(
        _ request: Request, context: BasicRequestContext, next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let route = response.status == .notFound && context.endpointPath == "NotFound" ? "other" : context.endpointPath ?? "other"
        metrics.answered(route: route, status: response.status.code, in: ContinuousClock.now - start)
        return response
    }
}
