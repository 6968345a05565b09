import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// Trainer, publisher and watchdog as three processes.
@Suite(.needsBroker, .scenario) struct MainLineTests {
    @Test func `a model is served by rising versions while it learns, and every event is accounted for`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "main", partitions: 4)
            let trainer = try model.start("train")
            let publisher = Publisher(try model.start("serve"), bench)
            let watchdog = try model.start("watch")
            let (feed, follower) = (try model.feed(partitions: 4), model.follow())
            var stream = EventStream(seed: 2)
            let question = stream.next().question
            var answers: [PublisherAnswer] = []
            for _ in 0..<10 {
                let target = stream.count - 1 + 800
                try await feed.produce(stream.next(800))
                try await bench.eventually("a version with \(target) events") {
                    if let answer = try await publisher.predict(question, canWait: answers.isEmpty) { answers.append(answer) }
                    return try await follower.newest()?.learnt == target
                }
            }
            try await bench.eventually("the last version served") {
                let answer = try #require(try await publisher.predict(question))
                answers.append(answer)
                return try await follower.newest().map { answer.version == String($0.version) } ?? false
            }
            let versions = answers.compactMap { UInt64($0.version) }
            try #require(versions == versions.sorted(), "a version went back")
            try #require(Set(versions).count >= 4, "only \(Set(versions).count) versions were served")
            try #require(answers.allSatisfy { $0.predictions.count == 1 && (0...1).contains($0.predictions[0]) })
            try await bench.eventually("a status with nothing outstanding") {
                let account = try await model.status().account
                return account.produced == 8_000 && account.isExact && account.learned == 8_000
            }
            let processes = try await model.status().processes.map(\.status.process)
            try #require(Set(processes) == ["trainer", "publisher", "watchdog"])
            try await model.stop(trainer, publisher.process, watchdog)
            await follower.close()
            await feed.close()
        }
    }
}

/// What `POST /v1/predict` answers.
struct PublisherAnswer: Decodable {
    var model: String
    var version: String
    var stale: Bool
    var predictions: [Double]
}

/// A `freshet serve` that listens on a port of its own choice.
struct Publisher {
    let process: ChildProcess
    private let bench: Bench

    init(_ process: ChildProcess, _ bench: Bench) {
        self.process = process
        self.bench = bench
    }

    /// Its address, as it logs it.
    private func address() async throws -> String {
        try await bench.eventually("an address in the publisher's log") {
            process.errorText.firstMatch(of: /address=(http:[^ \n]+)/).map { String($0.1) }
        }
    }

    /// - Parameter canWait: whether 503, before there is a model to serve, is an answer too: nil.
    func predict(_ event: String, canWait: Bool = false) async throws -> PublisherAnswer? {
        guard let url = URL(string: "\(try await address())/v1/predict") else { throw TestFailure("the publisher logs no address") }
        var request = URLRequest(url: url, timeoutInterval: 10)
        request.httpMethod = "POST"
        request.httpBody = Data(event.utf8)
        let (body, response) = try await URLSession.shared.data(for: request)
        let code = (response as? HTTPURLResponse)?.statusCode
        if canWait, code == 503 { return nil }
        guard code == 200 else {
            throw TestFailure("the publisher answered \(code ?? 0): \(String(decoding: body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(PublisherAnswer.self, from: body)
    }

    /// What it shows, whatever the status is.
    func text(at path: String) async throws -> String {
        guard let url = URL(string: "\(try await address())\(path)") else { throw TestFailure("the publisher logs no address") }
        let (body, _) = try await URLSession.shared.data(for: URLRequest(url: url, timeoutInterval: 10))
        return String(decoding: body, as: UTF8.self)
    }

    /// Waits until a version is served.
    func answer(to event: String) async throws -> PublisherAnswer {
        try await bench.eventually("a version that is served") { try await predict(event, canWait: true) }
    }
}
