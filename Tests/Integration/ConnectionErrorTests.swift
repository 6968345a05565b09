import Foundation
import TestSupport
import Testing

/// What somebody sees whose certificate, password or protocol is wrong: why, where and what to do about it, and never the secret.
@Suite(.needsBroker, .scenario) struct ConnectionErrorTests {
    @Test(arguments: Mismatch.refusals)
    func `whatever starts with a wrong certificate or password ends with one sentence about it`(mismatch: Mismatch) async throws {
        try await Bench.run(seconds: 120) { bench in
            try await mismatch.meet(bench) { configuration, address in
                let commands = [["topics", "check"], ["topics", "create"], ["status"], ["train"], ["serve"], ["watch"]]
                for child in try commands.map({ try bench.start($0 + ["--config", configuration]) }) {
                    let exit = try await child.ended(by: bench.deadline)
                    try #require(exit == .code(1), "\(child.name): \(exit) \(child.sentences)")
                    try #require(child.sentences.count == 1, "\(child.name): \(child.sentences)")
                    let said = child.sentences[0]
                    try #require(said.contains(mismatch.sentence) && said.contains(address), "\(child.name): \(said)")
                    try #require(!child.everything.contains(Mismatch.secret), "\(child.name) tells the password")
                }
            }
        }
    }

    @Test(arguments: Mismatch.confusions)
    func `a port with another protocol is named by commands, and by a service that goes on trying`(mismatch: Mismatch) async throws {
        try await Bench.run(seconds: 120) { bench in
            try await mismatch.meet(bench) { configuration, address in
                let service = try bench.start(["serve", "--config", configuration])
                let check = try await bench.run(["topics", "check", "--config", configuration])
                try #require(check.exit == .code(1), "\(check.exit)")
                let isSaid = mismatch.isSaid(in: check.errors, of: address, after: "Error: metadata failed")
                try #require(isSaid, "\(check.errors.suffix(2_000))")
                try await bench.eventually("a warning of the publisher's that says why") {
                    try #require(service.exit == nil, "\(service.sentences)")
                    return mismatch.isSaid(in: service.errorText, of: address, after: "serving goes on")
                }
                let publisher = Publisher(service, bench)
                let pages = try await publisher.text(at: "/metrics") + publisher.text(at: "/")
                service.signal(SIGTERM)
                let exit = try await service.ended(by: bench.deadline)
                try #require(exit == .code(0), "\(exit) \(service.sentences)")
                for text in [pages, service.everything, check.output, check.errors] {
                    try #require(!text.contains(Mismatch.secret), "the password is told")
                }
            }
        }
    }

    @Test func `an authority's certificate that is not there is a wrong configuration`() async throws {
        try await Bench.run { bench in
            let mismatch = Mismatch("no file", .plain, ["security.protocol": "sasl_ssl", "ssl.ca.location": "/nowhere/ca.pem"], "")
            let configuration = try mismatch.configuration(bench, address: "localhost:1")
            for command in [["topics", "check"], ["train"], ["serve"], ["watch"]] {
                let (exit, output, errors) = try await bench.run(command + ["--config", configuration])
                try #require(exit == .code(2), "\(command): \(exit) \(errors.suffix(500))")
                try #require(errors.contains("kafka: ssl.ca.location failed"), "\(command): \(errors.suffix(500))")
                try #require(!output.contains(Mismatch.secret) && !errors.contains(Mismatch.secret), "\(command) tells the password")
            }
        }
    }
}

/// A client and a port that do not go together.
struct Mismatch: Sendable, CustomTestStringConvertible {
    enum Port: Sendable {
        /// TLS with one of the ``certificates``.
        case tls(String)
        /// No TLS, and no password is right.
        case plain
    }

    let testDescription: String
    var port: Port
    var properties: [String: String]
    /// What is said.
    var sentence: String

    init(_ name: String, _ port: Port, _ properties: [String: String], _ sentence: String) {
        testDescription = name
        self.port = port
        self.properties = properties
        self.sentence = sentence
    }

    static let secret = "hunter2-secret"

    static let refusals = [
        Mismatch("expired", .tls("expired"), ["security.protocol": "sasl_ssl"], "has expired: renew it on the broker"),
        Mismatch("unknown authority", .tls("stranger"), ["security.protocol": "sasl_ssl"], "is signed by an authority that is not trusted"),
        Mismatch("another host", .tls("elsewhere"), ["security.protocol": "sasl_ssl"], "is for another host"),
        Mismatch("PLAIN", .plain, ["security.protocol": "sasl_plaintext"], refused),
        Mismatch("SCRAM", .plain, ["security.protocol": "sasl_plaintext", "sasl.mechanism": "SCRAM-SHA-256"], refused),
    ]

    static let confusions = [
        Mismatch("TLS to a plain port", .plain, ["security.protocol": "sasl_ssl"], "connecting to a PLAINTEXT broker listener?"),
        Mismatch("plain to a TLS port", .tls("good"), ["security.protocol": "sasl_plaintext"], "connecting to a SSL listener?"),
    ]

    /// The broker's words, and ours.
    private static let refused = "due to invalid credentials: check sasl.mechanism, sasl.username and sasl.password"

    func isSaid(in text: String, of address: String, after beginning: String) -> Bool {
        text.split(separator: "\n").contains { $0.contains(beginning) && $0.contains(sentence) && $0.contains(address) }
    }

    /// Runs a scenario with a port of this kind.
    func meet(_ bench: Bench, _ scenario: (_ configuration: String, _ address: String) async throws -> Void) async throws {
        try await makeCertificates(bench)
        switch port {
        case .plain:
            let broker = try RefusingBroker()
            let address = "localhost:\(broker.port)"
            try await scenario(configuration(bench, address: address), address)
            withExtendedLifetime(broker) {}
        case .tls(let certificate):
            let server = try bench.start("/usr/bin/env", Self.server(bench, certificate), named: "openssl")
            let port = try await bench.eventually("a port of openssl's") { server.outputText.firstMatch(of: /ACCEPT .*:([0-9]+)/)?.1 }
            let address = "localhost:\(port)"
            try await scenario(configuration(bench, address: address), address)
        }
    }

    /// With `-www` it does not read its standard input, at whose end it would leave.
    private static func server(_ bench: Bench, _ certificate: String) -> [String] {
        let stem = bench.folder.appending(path: certificate).path
        return ["openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert", "\(stem).pem", "-key", "\(stem).key"]
    }

    /// Everything is logged that there is.
    func configuration(_ bench: Bench, address: String) throws -> String {
        let common = [
            "bootstrap.servers": address, "broker.address.family": "v4", "sasl.mechanism": "PLAIN", "sasl.username": "freshet",
            "sasl.password": Self.secret, "ssl.ca.location": bench.folder.appending(path: "ours.pem").path, "debug": "all",
        ]
        let kafka = common.merging(properties) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" }
        return try bench.file(
            "mismatch.yaml",
            """
            model: m
            kafka: {\(kafka.joined(separator: ", "))}
            input: {topics: [t], label: /label, time: /ts}
            serve: {listen: "127.0.0.1:0"}
            metrics: {listen: off}
            log: {level: trace}

            """)
    }

    private func makeCertificates(_ bench: Bench) async throws {
        let maker = try bench.start("/bin/sh", ["-euc", Self.certificates, bench.folder.path], named: "certificates")
        let exit = try await maker.ended(by: bench.deadline)
        guard exit == .code(0) else { throw TestFailure("openssl made no certificates: \(maker.errorText)") }
    }

    /// Two authorities, `ours` and `foreign`, and what they have signed: name, authority, host, days.
    private static let certificates = """
        cd "$0"
        new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        for authority in ours foreign; do
            openssl req -x509 $new -days 2 -subj "/CN=$authority" -keyout $authority.key -out $authority.pem
        done
        sign() {
            openssl req $new -subj "/CN=$1" -keyout $1.key -out $1.request
            printf 'subjectAltName=DNS:%s\\n' $3 >$1.names
            openssl x509 -req -in $1.request -CA $2.pem -CAkey $2.key -CAcreateserial -extfile $1.names -days $4 -out $1.pem
        }
        sign good ours localhost 2
        sign expired ours localhost -1
        sign stranger foreign localhost 2
        sign elsewhere ours kafka.example.org 2
        """
}

extension ChildProcess {
    /// What it says when it ends, apart from its log.
    fileprivate var sentences: [String] {
        errorText.split(separator: "\n").filter { $0.hasPrefix("Error: ") || $0.hasPrefix("freshet: ") }.map(String.init)
    }

    fileprivate var everything: String { outputText + errorText }
}
