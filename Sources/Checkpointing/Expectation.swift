/// A planned change that an operator announced last.
public struct Expectation: Codable, Equatable, Sendable {
    /// The id of the command.
    public var command: String
    public var author: String
    public var reason: String
    /// It is over with the first event at or past this time, in milliseconds since 1970.
    public var until: Int64

    public init(command: String, author: String, reason: String, until: Int64) {
        self.command = command
        self.author = author
        self.reason = reason
        self.until = until
    }
}
