import HTTPTypes
import Hummingbird

extension Publisher {
    func modelStatus() throws -> Response {
        let served = try served()
        let snapshot = served.snapshot
        let freshness = freshness(of: served)
        let status = ModelStatus(
            model: snapshot.modelName, version: served.version, ageSeconds: freshness.ageSeconds, createdAt: snapshot.createdAt,
            inputWatermark: served.inputWatermark, stale: freshness.stale, task: snapshot.task, bits: snapshot.bits,
            digest: snapshot.digest, gate: snapshot.gate, metrics: snapshot.metrics, window: snapshot.window, history: box.history,
            notice: box.notice, requests: metrics.requestsAnswered, predictions: metrics.predictionsGiven)
        return try .json(status, headers: freshness.headers)
    }

    /// Answers before the first snapshot too: the versions that exist and are not served are what one wants to see then.
    func versionList() throws -> Response {
        try .json(VersionList(model: box.current?.modelName, versions: box.versions))
    }

    /// The page's own style and script carry a nonce of this answer; nothing else may run or be loaded on it.
    func statusPage() -> Response {
        let nonce = String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        let policy = """
            default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; connect-src 'self'; \
            base-uri 'none'; form-action 'none'; frame-ancestors 'none'
            """
        return .text(StatusPage.html(nonce: nonce), contentType: "text/html; charset=utf-8", headers: [.contentSecurityPolicy: policy])
    }
}
