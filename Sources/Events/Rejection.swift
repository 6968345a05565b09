public import Learning

/// Why an event is no example, with what an operator needs to find the cause.
public struct Rejection: Error, Equatable, Sendable, CustomStringConvertible {
    public let reason: RejectReason
    /// Where and what: the field's path and the value found there, shortened, printable ASCII only.
    public let detail: String

    public init(reason: RejectReason, detail: String) {
        self.reason = reason
        self.detail = detail
    }

    public var description: String { "\(reason.rawValue): \(detail)" }
}
