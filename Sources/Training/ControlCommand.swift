/// An order to the owner of a lane, as the control topic holds it under the key `command/<id>`.
public struct ControlCommand: Codable, Equatable, Sendable {
    public enum Action: String, Codable, Sendable, CaseIterable {
        case freeze, resume, rollback, pin, unpin, expect
    }

    /// What becomes of the events past the change point.
    public enum ResumeMode: String, Codable, Sendable {
        /// Learn them after all.
        case replay
        /// Enter them in the quarantine ledger.
        case skip
    }

    /// A ULID: sorts by the time it was made.
    public var id: String
    public var action: Action
    /// nil: every lane.
    public var lane: UInt16?
    public var version: UInt64?
    public var mode: ResumeMode?
    /// Of a resume with `skip`: all that is set aside; nil for everything in doubt.
    public var ranges: [InputRange]?
    /// Of an announcement: for how long of the events' own time, in milliseconds; 0 takes it back.
    public var duration: Int64?
    public var author: String
    public var reason: String
    /// Milliseconds since 1970; a command that expired is refused, not applied late.
    public var issuedAt: Int64
    public var expiresAt: Int64

    public init(
        id: String, action: Action, lane: UInt16? = nil, version: UInt64? = nil, mode: ResumeMode? = nil, ranges: [InputRange]? = nil,
        duration: Int64? = nil, author: String, reason: String, issuedAt: Int64, expiresAt: Int64
    ) {
        self.id = id
        self.action = action
        self.lane = lane
        self.version = version
        self.mode = mode
        self.ranges = ranges
        self.duration = duration
        self.author = author
        self.reason = reason
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

/// An order that this build cannot read: of a newer build, or damaged. It is refused by name, never passed over in silence.
public struct UnreadableCommand: Equatable, Sendable {
    public var id: String
    public var why: String

    func refusal(lane: UInt16, version: UInt64?, at: Int64) -> ControlAnswer {
        ControlAnswer(
            command: id, lane: lane, outcome: .refused, detail: "the trainer of lane \(lane) cannot read the command: \(why)",
            version: version,
            at: at)
    }
}

/// The owner's answer, under the key `answer/<command id>/<lane>`.
public struct ControlAnswer: Codable, Equatable, Sendable {
    public enum Outcome: String, Codable, Sendable { case applied, refused }

    public var command: String
    public var lane: UInt16
    public var outcome: Outcome
    /// What was done, or why not.
    public var detail: String
    /// The version that holds the effect.
    public var version: UInt64?
    public var at: Int64
    /// Who gave the command, why, and how: nil in what an older build wrote.
    public var author: String?
    public var reason: String?
    public var mode: ControlCommand.ResumeMode?

    public init(command: String, lane: UInt16, outcome: Outcome, detail: String, version: UInt64?, at: Int64) {
        self.command = command
        self.lane = lane
        self.outcome = outcome
        self.detail = detail
        self.version = version
        self.at = at
    }

    /// The answer to a command, with who gave it and why.
    init(to command: ControlCommand, lane: UInt16, outcome: Outcome, detail: String, version: UInt64?, at: Int64) {
        self.init(command: command.id, lane: lane, outcome: outcome, detail: detail, version: version, at: at)
        author = command.author
        reason = command.reason
        mode = command.mode
    }
}

/// Universally unique, lexicographically sortable identifiers: 48 bits of milliseconds, 80 random bits, in Crockford's base 32
/// (github.com/ulid/spec).
public enum ULID {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    public static func make(at milliseconds: Int64) -> String {
        let time = digits(of: UInt64(max(0, milliseconds)), count: 10)
        return time + digits(of: .random(in: 0 ... .max), count: 8) + digits(of: .random(in: 0 ... .max), count: 8)
    }

    private static func digits(of value: UInt64, count: Int) -> String {
        String((0..<count).reversed().map { alphabet[Int(truncatingIfNeeded: value >> UInt64($0 * 5)) & 31] })
    }
}
