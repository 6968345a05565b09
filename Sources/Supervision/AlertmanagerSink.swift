public import AsyncHTTPClient

/// Prometheus Alertmanager, API v2: `POST {base}/api/v2/alerts`.
///
/// ```json
/// [{"annotations":{"command":"freshet status --config freshet.yaml","description":"…","runbook_url":"…","summary":"…"},
///   "endsAt":"2013-01-07T10:04:00.000Z","generatorURL":"http://127.0.0.1:8080/",
///   "labels":{"alertname":"FreshetGateFrozen","cause":"label-rate","lane":"0","model":"flowers","severity":"page"},
///   "startsAt":"2013-01-07T10:00:00.000Z"}]
/// ```
/// A firing alert carries the time at which it may be considered over unless it is sent again, so alerts of a watchdog that died end by
/// themselves. Source: prometheus/alertmanager `api/v2/openapi.yaml`.
public struct AlertmanagerSink: AlertSink {
    struct Document: Encodable, Equatable {
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: String
        var endsAt: String
        var generatorURL: String?
    }

    public let name = "alertmanager"
    private let post: HTTPPost
    private let generatorURL: String?

    /// - Parameters:
    ///   - base: such as `http://alertmanager:9093`.
    ///   - generatorURL: where people see more, such as the publisher's status page.
    ///   - headers: such as `Authorization`.
    public init(
        base: String, generatorURL: String? = nil, headers: [(String, String)] = [], client: HTTPClient = .shared,
        timeoutSeconds: Int64 = 10
    ) {
        let root = base.hasSuffix("/") ? String(base.dropLast()) : base
        post = HTTPPost(url: root + "/api/v2/alerts", headers: headers, client: client, timeoutSeconds: timeoutSeconds)
        self.generatorURL = generatorURL
    }

    public func deliver(_ action: AlertAction) async throws(AlertDeliveryError) {
        try await post.send([document(of: action.alert)])
    }

    func document(of alert: Alert) -> Document {
        var labels = alert.labels
        labels["alertname"] = alert.name.alertname
        labels["severity"] = alert.severity.rawValue
        return Document(
            labels: labels, annotations: alert.annotations, startsAt: alert.startsAt.rfc3339, endsAt: alert.endsAt.rfc3339,
            generatorURL: generatorURL)
    }
}
