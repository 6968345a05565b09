/// The gate of the trainer as clients see it: whether the model is learning, and if not, why.
public struct GateView: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        case open, suspect, frozen
    }

    public struct Cause: Codable, Equatable, Sendable {
        /// A short name: `feed-stalled`, `operator`, `label-rate` …
        public var kind: String
        /// A sentence for people.
        public var detail: String
        /// Milliseconds since 1970.
        public var since: Int64
        /// Who may end it: `automatic` or `manual`.
        public var resume: String

        public init(kind: String, detail: String, since: Int64, resume: String) {
            self.kind = kind
            self.detail = detail
            self.since = since
            self.resume = resume
        }
    }

    public var state: State
    public var causes: [Cause]

    public init(state: State, causes: [Cause] = []) {
        self.state = state
        self.causes = causes
    }
}
