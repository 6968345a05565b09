import Events
import Foundation
import HTTPTypes
import HummingbirdTesting
@testable import Publishing
import Testing

@Suite("POST /v1/predict")
struct PredictTests {
    static let flower = #"{"features":{"price":3,"country":"NL"}}"#
    static let other = #"{"features":{"price":900,"country":"US"}}"#

    @Test func oneEventGivesOnePredictionWithVersionAgeAndWatermark() async throws {
        let answer = try await Sample.server().answer(.post, "/v1/predict", Self.flower)
        #expect(answer.status == .ok)
        let prediction = try #require((try answer.document["predictions"] as? [Double])?.first)
        #expect(prediction > 0.5 && prediction < 1)
        #expect(
            answer.text == """
                {"ageSeconds":1.2,"inputWatermark":"2013-12-31T23:59:58.500Z","model":"flowers","predictions":[\(Float(prediction))],\
                "stale":false,"version":"42"}
                """)
    }

    @Test func freshnessIsInTheHeadersToo() async throws {
        let answer = try await Sample.server().answer(.post, "/v1/predict", Self.flower)
        #expect(answer.headers[.freshetVersion] == "42")
        #expect(answer.headers[.freshetAgeSeconds] == "1.2")
        #expect(answer.headers[.freshetInputWatermark] == "2013-12-31T23:59:58.500Z")
        #expect(answer.headers[.freshetStale] == "false")
    }

    @Test func arrayAndNDJSONGiveTheSamePredictionsAsSingleEvents() async throws {
        let server = Sample.server()
        var singles: [Double] = []
        for event in [Self.flower, Self.other] {
            let document = try await server.answer(.post, "/v1/predict", event).document
            singles += try #require(document["predictions"] as? [Double])
        }
        let array = try await server.answer(.post, "/v1/predict", "[\(Self.flower), \(Self.other)]").document
        let lines = try await server.answer(
            .post, "/v1/predict", "\(Self.flower)\n\n\(Self.other)\r\n", headers: [.contentType: "application/x-ndjson; charset=utf-8"]
        ).document
        #expect(array["predictions"] as? [Double] == singles)
        #expect(lines["predictions"] as? [Double] == singles)
    }

    @Test func predictionEqualsTheModelsOwn() async throws {
        let snapshot = Sample.snapshot()
        let served = ServedModel(snapshot)
        let expected = served.predict { decoder, batch in
            unsafe Array(Self.flower.utf8).withUnsafeBytes { bytes in
                _ = unsafe decoder.decode(bytes, purpose: .prediction, fallbackTime: 0, into: &batch)
            }
        }
        let document = try await Sample.server(snapshot).answer(.post, "/v1/predict", Self.flower).document
        #expect((document["predictions"] as? [Double])?.map(Float.init) == expected)
    }

    @Test func labelInTheEventChangesNothing() async throws {
        let server = Sample.server()
        let with = try await server.answer(.post, "/v1/predict", #"{"label":0,"features":{"price":3,"country":"NL"}}"#)
        let without = try await server.answer(.post, "/v1/predict", Self.flower)
        #expect(with.text == without.text)
    }

    @Test(arguments: [
        ("[\(flower), {\"features\":{\"price\":\"cheap\"}}]", "Event 1 cannot be predicted: field-mistyped"),
        ("{\"features\":{\"price\":5000}}", "Event 0 cannot be predicted: number-out-of-range"),
        ("{", "Event 0 cannot be predicted: not-json"),
        ("\"text\"", "Event 0 cannot be predicted: not-json"),
        ("[1]", "Event 0 cannot be predicted: not-json"),
        ("{\"features\":{\"price\":1e999}}", "Event 0 cannot be predicted: "),
        ("", "The body holds no event"),
        ("[]", "The body holds no event"),
        ("[{},", "The body begins a JSON array and does not end it"),
        ("[{}] x", "The body is not a JSON array of events: byte 5"),
    ])
    func badEventIs400WithItsIndexAndReason(body: String, sentence: String) async throws {
        let answer = try await Sample.server().answer(.post, "/v1/predict", body)
        #expect(answer.status == .badRequest)
        #expect(answer.error.hasPrefix(sentence), "\(answer.error)")
    }

    @Test func endlesslyNestedBodyIs400() async throws {
        let server = Sample.server()
        let array = try await server.answer(.post, "/v1/predict", String(repeating: "[", count: 500_000))
        #expect(array.error == "The body begins a JSON array and does not end it.")
        let nested = String(repeating: #"{"a":"#, count: 2_000) + "1" + String(repeating: "}", count: 2_000)
        let object = try await server.answer(.post, "/v1/predict", #"{"features":\#(nested)}"#)
        #expect(object.error.hasPrefix("Event 0 cannot be predicted: too-large"))
    }

    @Test func badEventLeavesNothingBehindForTheNextRequest() async throws {
        let server = Sample.server()
        let before = try await server.answer(.post, "/v1/predict", Self.flower)
        _ = try await server.answer(.post, "/v1/predict", "[\(Self.other), {}]")
        let after = try await server.answer(.post, "/v1/predict", Self.flower)
        #expect(before.text == after.text)
    }

    @Test func beforeTheFirstSnapshotIs503WithASentence() async throws {
        let box = SnapshotBox()
        let answer = try await Sample.server(nil, box: box).answer(.post, "/v1/predict", Self.flower)
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.error == "No version has been cleared for serving yet; try again in a few seconds.")
        box.update(notice: "Version 1 was refused: it is worse than the constant predictor.")
        let refused = try await Sample.server(nil, box: box).answer(.post, "/v1/predict", Self.flower)
        #expect(refused.error == "Version 1 was refused: it is worse than the constant predictor.")
    }

    @Test func oldVersionsAndFrozenModelsAreMarkedStale() async throws {
        let old = try await Sample.server(age: 61_000).answer(.post, "/v1/predict", Self.flower)
        #expect(old.headers[.freshetStale] == "true")
        let frozen = try await Sample.server(Sample.snapshot(gate: GateView(state: .frozen))).answer(.post, "/v1/predict", Self.flower)
        #expect(try frozen.document["stale"] as? Bool == true)
    }

    @Test func clockBehindTheTrainersGivesAgeZero() async throws {
        let answer = try await Sample.server(age: -5_000).answer(.post, "/v1/predict", Self.flower)
        #expect(answer.headers[.freshetAgeSeconds] == "0.0")
    }

    @Test func severalLanesGiveADottedVersion() async throws {
        let answer = try await Sample.server(Sample.snapshot(version: [42, 17])).answer(.post, "/v1/predict", Self.flower)
        #expect(answer.headers[.freshetVersion] == "42.17")
    }
}
