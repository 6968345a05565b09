/// Where the publisher listens and what it refuses.
public struct PublishingConfiguration: Sendable {
    /// Loopback by default: reaching the publisher from elsewhere is a decision.
    public var host: String
    /// 0 takes any free port; `PublishingServer`'s `onListening` tells which.
    public var port: Int
    public var limits: HTTPLimits
    /// The age from which an answer is marked stale, in seconds.
    public var staleAfterSeconds: Double
    /// Shown by `GET /v2` as the server's version.
    public var build: String

    public init(
        host: String = "127.0.0.1",
        port: Int = 8080,
        limits: HTTPLimits = HTTPLimits(),
        staleAfterSeconds: Double = 60,
        build: String = "development"
    ) {
        self.host = host
        self.port = port
        self.limits = limits
        self.staleAfterSeconds = staleAfterSeconds
        self.build = build
    }
}

/// What one client may cost the others. Beyond a limit the answer is a 4xx, or the connection ends.
public struct HTTPLimits: Equatable, Sendable {
    public var bodyBytes = 1 << 20
    public var urlBytes = 4_096
    public var headerBytes = 16 << 10
    public var headerFields = 100
    /// Events in one predict request, rows in one infer request.
    public var eventsPerRequest = 10_000
    /// Predictions worked on at once; the next request is answered 429.
    public var requestsInFlight = 256
    public var connections = 1_024
    /// Connections from one address; loopback is exempt, because a reverse proxy on the same host is one address with many clients.
    public var connectionsPerAddress = 64
    public var requestsPerConnection = 10_000
    /// From accepting a connection to the end of its first request's head.
    public var headSeconds: Int64 = 5
    /// From a request's head to the end of its body.
    public var bodySeconds: Int64 = 10
    /// A connection on which nothing happens.
    public var idleSeconds: Int64 = 30

    public init() {}
}
