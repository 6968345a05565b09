import Foundation
import HTTPTypes
import HummingbirdTesting
@testable import Publishing
import Testing

@Suite("Routes")
struct RouteTests {
    @Test func modelStatusSaysWhatIsServedAndHowGoodItIs() async throws {
        let cause = GateView.Cause(kind: "label-rate", detail: "Labels of 1 fell to 0 %.", since: 1, resume: "manual")
        let box = SnapshotBox()
        let server = Sample.server(Sample.snapshot(gate: GateView(state: .frozen, causes: [cause])), box: box)
        _ = try await server.answer(.post, "/v1/predict", PredictTests.flower)
        let document = try await server.answer(.get, "/v1/model").document
        #expect(document["model"] as? String == "flowers")
        #expect(document["version"] as? String == "42")
        #expect(document["task"] as? String == "binary")
        #expect(document["bits"] as? Int == 10)
        #expect(document["digest"] as? String == String(repeating: "ab", count: 16))
        #expect(document["createdAt"] as? Int64 == Sample.createdAt)
        #expect(document["predictions"] as? Int == 1)
        #expect(document["requests"] as? Int == 1)
        #expect((document["metrics"] as? [String: Any])?["examples"] as? Int == 40)
        #expect((document["history"] as? [[String: Any]])?.count == 1)
        let gate = try #require(document["gate"] as? [String: Any])
        #expect(gate["state"] as? String == "frozen")
        #expect((gate["causes"] as? [[String: Any]])?.first?["kind"] as? String == "label-rate")
    }

    @Test func versionsMarkTheServedOne() async throws {
        let box = SnapshotBox()
        let server = Sample.server(box: box)
        box.update(versions: [
            VersionRow(version: "43", createdAt: 2, digest: "d", events: 20, cleared: false),
            VersionRow(version: "42", createdAt: 1, digest: "c", events: 10, cleared: true, pinned: true),
        ])
        #expect(
            try await server.answer(.get, "/v1/versions").text == """
                {"model":"flowers","versions":[\
                {"cleared":false,"createdAt":2,"digest":"d","events":20,"lane":0,"pinned":false,"served":false,"version":"43"},\
                {"cleared":true,"createdAt":1,"digest":"c","events":10,"lane":0,"pinned":true,"served":true,"version":"42"}]}
                """)
    }

    @Test func metricsShowTheServedVersionAndTheRequests() async throws {
        let server = Sample.server()
        _ = try await server.answer(.post, "/v1/predict", "[\(PredictTests.flower),\(PredictTests.other)]")
        _ = try await server.answer(.get, "/v2/models/flowers/versions/41")
        _ = try await server.answer(.get, "/nothing/here")
        let answer = try await server.answer(.get, "/metrics")
        #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(answer.text.split(separator: "\n").map(String.init))
        for line in [
            #"freshet_http_requests_total{route="/v1/predict",status="200"} 1"#,
            #"freshet_http_requests_total{route="/v2/models/{model}/versions/{version}",status="404"} 1"#,
            #"freshet_http_requests_total{route="other",status="404"} 1"#,
            #"freshet_http_request_seconds_count{route="/v1/predict",status="200"} 1"#,
            #"freshet_predictions_total 2"#,
            #"freshet_served_version{lane="0"} 42"#,
            #"freshet_served_age_seconds 1.2"#,
            #"freshet_served_input_watermark_seconds 1388534398.5"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func statusPageLoadsNothingFromElsewhereAndRunsOnlyItsOwnScript() async throws {
        let answer = try await Sample.server().answer(.get, "/")
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        let policy = try #require(answer.headers[.contentSecurityPolicy])
        let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]+)'/)?.1)
        #expect(policy.hasPrefix("default-src 'none';"))
        #expect(answer.text.contains("<script nonce=\"\(nonce)\">"))
        #expect(answer.text.contains("<style nonce=\"\(nonce)\">"))
        #expect(!answer.text.contains("https://"))
        #expect(answer.text.firstMatch(of: /style="|[ ]on[a-z]+="/) == nil)
        let again = try await Sample.server().answer(.get, "/")
        #expect(!again.text.contains(nonce))
    }

    @Test(arguments: [
        "/", "/v1/model", "/v1/versions", "/metrics", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/flowers",
        "/v2/models/flowers/ready", "/v2/models/flowers/versions/42", "/v2/models/flowers/versions/42/ready",
    ])
    func readingRouteAnswersGetAndHeadAndRefusesTheRest(path: String) async throws {
        let server = Sample.server()
        #expect(try await server.answer(.get, path).status == .ok)
        let head = try await server.answer(.head, path)
        #expect(head.status == .ok)
        #expect(head.text.isEmpty)
        for method in [HTTPRequest.Method.post, .put, .patch, .delete, .options] {
            let answer = try await server.answer(method, path, "{}")
            #expect(answer.status == .methodNotAllowed)
            #expect(answer.headers[.allow] == "GET, HEAD")
        }
    }

    @Test(arguments: ["/v1/predict", "/v2/models/flowers/infer", "/v2/models/flowers/versions/42/infer"])
    func predictingRouteRefusesEverythingButPost(path: String) async throws {
        for method in [HTTPRequest.Method.get, .head, .put, .patch, .delete, .options] {
            let answer = try await Sample.server().answer(method, path)
            #expect(answer.status == .methodNotAllowed)
            #expect(answer.headers[.allow] == "POST")
        }
    }

    @Test(arguments: ["/v1", "/v1/model/x", "/v2/models", "/..%2fetc/passwd", "/v2/models/flowers/../x", "/%00", "/favicon.ico"])
    func unknownAddressIs404WithASentence(path: String) async throws {
        let answer = try await Sample.server().answer(.get, path)
        #expect(answer.status == .notFound)
        #expect(answer.error == "There is nothing at this address.")
    }

    @Test(arguments: ["/", "/v1/model", "/metrics", "/v1/nothing", "/v2/models/trees"])
    func everyAnswerForbidsGuessingAndKeepingAndNamesNoOtherOrigin(path: String) async throws {
        let answer = try await Sample.server().answer(.get, path, headers: [.origin: "http://elsewhere.example"])
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.headers[.accessControlAllowOrigin] == nil)
        #expect(answer.headers[.server] == nil)
    }
}
