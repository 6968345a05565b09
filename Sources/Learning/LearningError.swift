/// Why a specification, a page or a set of pages was refused. Nothing has been changed when one is thrown, and trying again with the
/// same input fails again.
public struct LearningError: Error, Equatable, Sendable {
    public enum Code: String, Equatable, Sendable {
        case specificationInvalid = "specification-invalid"
        case pageUnknown = "page-unknown"
        case pageSizeWrong = "page-size-wrong"
        case pageNotFinite = "page-not-finite"
    }

    public var code: Code
    /// What happened, where, and what to do.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension LearningError: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(message)" }
}
