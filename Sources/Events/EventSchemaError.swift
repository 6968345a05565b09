/// Why a schema is refused, by the name of its member.
public struct EventSchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case badPointer = "bad-pointer"
        case badDeclaration = "bad-declaration"
        case badLimit = "bad-limit"
    }

    public let code: Code
    /// The schema's member, such as `label` or `declared.price`.
    public let member: String
    /// What is wrong and what would be right.
    public let problem: String

    init(_ code: Code, _ member: String, _ problem: String) {
        self.code = code
        self.member = member
        self.problem = problem
    }

    public var description: String { "\(member): \(problem)" }
}
