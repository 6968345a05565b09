/// Where alerts go.
public protocol AlertSink: Sendable {
    /// Shown in logs and metrics, such as `alertmanager`.
    var name: String { get }
    /// Delivers one change.
    /// - Throws: `AlertDeliveryError`, which says whether trying again can help.
    func deliver(_ action: AlertAction) async throws(AlertDeliveryError)
}

/// Why an alert did not arrive.
public struct AlertDeliveryError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// No answer, or an answer that means "later".
        case unavailable
        /// The receiver will not take this alert, however often it is sent.
        case refused
    }

    public let code: Code
    /// What happened and where; never the headers that were sent, which may hold a secret.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var isWorthRetrying: Bool { code == .unavailable }
    public var description: String { "\(code.rawValue): \(sentence)" }
}
