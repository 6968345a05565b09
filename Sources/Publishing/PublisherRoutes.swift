import HTTPTypes
import Hummingbird

extension Publisher {
    typealias Handler = @Sendable (Request, BasicRequestContext) async throws -> Response

    /// Every route there is. None changes any state.
    func routes() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: RequestMetricsMiddleware(metrics: metrics))
        router.add(middleware: SafetyMiddleware())
        router.add(middleware: URLLimitMiddleware(limit: configuration.limits.urlBytes))
        addStatusRoutes(to: router)
        addInferenceProtocolRoutes(to: router)
        addPredictionRoutes(to: router)
        return router
    }

    private func addStatusRoutes(to router: Router<BasicRequestContext>) {
        router.read("/") { _, _ in statusPage() }
        router.read("/v1/model") { _, _ in try modelStatus() }
        router.read("/v1/versions") { _, _ in try versionList() }
        router.read("/metrics") { _, _ in .text(registry.text(), contentType: PrometheusRegistry.contentType) }
    }

    private func addInferenceProtocolRoutes(to router: Router<BasicRequestContext>) {
        router.read("/v2") { _, _ in try .json(ServerMetadata(version: configuration.build)) }
        router.read("/v2/health/live") { _, _ in try .json(["live": true]) }
        router.read("/v2/health/ready") { _, _ in
            _ = try served()
            return try .json(["ready": true])
        }
        for path: RouterPath in ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"] {
            router.read(path) { _, context in try .json(ModelMetadata(of: served(context))) }
            router.read(path.appendingPath("ready")) { _, context in
                try .json(ModelReadiness(name: served(context).snapshot.modelName))
            }
        }
    }

    private func addPredictionRoutes(to router: Router<BasicRequestContext>) {
        let guarded = router.group().add(middleware: InFlightMiddleware(limit: configuration.limits.requestsInFlight))
        guarded.submit("/v1/predict") { request, context in try await predict(request, context) }
        guarded.submit("/v2/models/{model}/infer") { request, context in try await infer(request, context) }
        guarded.submit("/v2/models/{model}/versions/{version}/infer") { request, context in try await infer(request, context) }
    }
}

extension RouterMethods where Context == BasicRequestContext {
    /// A route that answers GET and HEAD, and 405 to everything else.
    func read(_ path: RouterPath, answer: @escaping Publisher.Handler) {
        on(path, method: .get, use: answer)
        on(path, method: .head) { request, context in try await answer(request, context).createHeadResponse() }
        refuse([.post, .put, .patch, .delete, .options], at: path, allow: "GET, HEAD")
    }

    /// A route that answers POST, and 405 to everything else.
    func submit(_ path: RouterPath, answer: @escaping Publisher.Handler) {
        on(path, method: .post, use: answer)
        refuse([.get, .head, .put, .patch, .delete, .options], at: path, allow: "POST")
    }

    private func refuse(_ methods: [HTTPRequest.Method], at path: RouterPath, allow: String) {
        for method in methods {
            on(path, method: method) { _, _ -> Response in
                throw HTTPError(.methodNotAllowed, headers: [.allow: allow], message: "This address answers \(allow) only.")
            }
        }
    }
}
