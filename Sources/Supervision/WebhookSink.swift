public import AsyncHTTPClient

/// Any HTTP receiver: one JSON document when an alert begins and one when it ends.
///
/// ```json
/// {"alert":"gate-frozen","annotations":{"command":"…","description":"…","runbook_url":"…","summary":"…"},
///  "labels":{"cause":"label-rate","lane":"0","model":"flowers"},"severity":"page","startsAt":"2013-01-07T10:00:00.000Z",
///  "status":"firing"}
/// ```
/// `status` is `firing` or `resolved`; a resolved alert has `endsAt` too. An alert that goes on is not told again, but for `watchdog-alive`,
/// which is there to be repeated.
public struct WebhookSink: AlertSink {
    struct Document: Encodable, Equatable {
        var status: String
        var alert: Alert.Name
        var severity: AlertSeverity
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: String
        var endsAt: String?
    }

    public let name = "webhook"
    private let post: HTTPPost

    /// - Parameter headers: such as `Authorization`.
    public init(url: String, headers: [(String, String)] = [], client: HTTPClient = .shared, timeoutSeconds: Int64 = 10) {
        post = HTTPPost(url: url, headers: headers, client: client, timeoutSeconds: timeoutSeconds)
    }

    public func deliver(_ action: AlertAction) async throws(AlertDeliveryError) {
        switch action {
        case .fire(let alert): try await post.send(document(of: alert, status: "firing", endsAt: nil))
        case .resolve(let alert): try await post.send(document(of: alert, status: "resolved", endsAt: alert.endsAt))
        case .resend(let alert) where !alert.isTrouble: try await post.send(document(of: alert, status: "firing", endsAt: nil))
        case .resend: return
        }
    }

    private func document(of alert: Alert, status: String, endsAt: Int64?) -> Document {
        Document(
            status: status, alert: alert.name, severity: alert.severity, labels: alert.labels, annotations: alert.annotations,
            startsAt: alert.startsAt.rfc3339, endsAt: endsAt?.rfc3339)
    }
}
