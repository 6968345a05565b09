import Foundation
import Testing

@testable import Publishing

/// Every request of `HTTP.md` is sent to a publisher, and the answer has the documented status, headers and shape.
@Suite struct SurfaceHTTPTests {
    private static let page = Catalogue.page("HTTP")

    private static var requests: [String] { page.fences.compactMap { $0.attributes["request"] } }

    @Test(arguments: requests) func theAnswerIsAsDocumented(name: String) async throws {
        let request = try #require(Self.page.fence("request", name))
        let fence = try #require(Self.page.fence("answer", name))
        let documented = try Message(fence.text)
        let answer = try await Self.answer(to: request)
        #expect("\(answer.status)" == documented.first.split(separator: " ").first.map(String.init))
        for (header, value) in documented.headers {
            let found = try #require(answer.headers(header), "\(header)")
            if !header.hasPrefix("freshet-") { #expect(found.hasPrefix(value), "\(header)") }
        }
        guard !documented.body.isEmpty else { return }
        let (example, body) = (try JSON(text: documented.body), try JSON(text: answer.body))
        if let schema = try Self.schema(of: fence) {
            var report = SchemaReport()
            report.check(example, against: schema)
            report.check(body, against: schema)
            #expect(report.complaints == [])
        } else if let error = example.error {
            #expect(body.error == error)
        } else {
            #expect(example.shape == body.shape)
        }
    }

    /// Optional keys are there in one state of the publisher and absent in another.
    @Test(arguments: [("model-status", "least"), ("version-list", "empty"), ("infer", "least")])
    func optionalKeysComeAndGo(name: String, least: String) async throws {
        let fence = try #require(Self.page.fence("answer", name))
        let schema = try #require(try Self.schema(of: fence))
        var request = try #require(Self.page.fence("request", name))
        var report = SchemaReport()
        for state in ["full", least] {
            request.attributes["state"] = state
            if state == least { request.text = request.text.replacing(#""id": "r1", "#, with: "") }
            report.check(try JSON(text: try await Self.answer(to: request).body), against: schema)
        }
        report.checkCoverage(of: schema)
        #expect(report.complaints == [])
    }

    /// The table of keys that follows an answer before the next heading.
    private static func schema(of fence: Page.Fence) throws -> Schema? {
        var isBelow = false
        for element in page.elements {
            switch element {
            case .fence(let other): isBelow = isBelow || other.text == fence.text && other.attributes == fence.attributes
            case .heading: if isBelow { return nil }
            case .table(let table) where isBelow && table.header == ["Key", "Type", "Meaning"]:
                return try Schema(table) { try? SurfaceSchemas.schema(of: $0) }
            case .table: break
            }
        }
        return nil
    }

    // MARK: - Tables

    @Test func everyRouteIsDocumented() throws {
        let table = try #require(Self.page.table(with: ["Route", "Method", "Answer"]))
        let source = Catalogue.text("Sources/Publishing/PublisherRoutes.swift")
        let written = source.matches(of: /(read|submit)\("(\/[^"]*)"\)/).map { "\($0.1 == "read" ? "GET" : "POST") \($0.2)" }
        let looped = source.matches(of: /"(\/v2\/models\/{model}[^"]*)"[,\]]/).flatMap { ["GET \($0.1)", "GET \($0.1)/ready"] }
        let documented = zip(table.column("Method"), table.column("Route")).map { "\($0) \($1)" }
        #expect(Set(documented) == Set(written + looped))
        #expect(Set(documented).count == documented.count)
    }

    @Test func everyDocumentedSentenceIsSaid() throws {
        let table = try #require(Self.page.table(with: ["Status", "Sentence", "When"]))
        let source = Catalogue.sources(under: "Sources/Publishing").map(\.text).joined()
        for sentence in table.column("Sentence") {
            let parts = sentence.split(separator: "…").map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.count > 2 }
            #expect(parts.allSatisfy(source.contains), "\(sentence)")
        }
    }

    @Test func limitsAreThese() throws {
        let table = try #require(Self.page.table(under: "Limits"))
        let limits = Mirror(reflecting: HTTPLimits()).children.map { [$0.label ?? "", "\($0.value)"] }
        #expect(zip(table.column("Limit"), table.column("Default")).map { [$0, $1] } == limits)
    }

    @Test func aScrapeLooksAsDocumented() async throws {
        let documented = try #require(Catalogue.page("Metrics").fence("surface", "scrape")).text.split(separator: "\n")
        let predict = try #require(Self.page.fence("request", "predict"))
        let text = try await SurfacePublisher.with(state: "full") { publisher in
            _ = try await publisher.answer(to: Message(predict.text))
            return try await publisher.answer(to: Message("GET /metrics")).body
        }
        #expect(documented.filter { !text.split(separator: "\n").contains($0) } == [])
    }

    private static func answer(to request: Page.Fence) async throws -> Answer {
        try await SurfacePublisher.with(state: request.attributes["state"] ?? "full") { try await $0.answer(to: Message(request.text)) }
    }
}

extension JSON {
    fileprivate var error: String? {
        if case .object(let members) = self, members.count == 1, case .string(let sentence)? = members["error"] { sentence } else { nil }
    }

    /// With every value replaced by one of its type.
    fileprivate var shape: JSON {
        switch self {
        case .null: .null
        case .flag: .flag(true)
        case .number: .number(0)
        case .string: .string("")
        case .list(let values): .list(values.prefix(1).map(\.shape))
        case .object(let values): .object(values.mapValues(\.shape))
        }
    }
}
