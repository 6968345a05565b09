import Foundation
import HTTPTypes
import HummingbirdTesting
@testable import Publishing
import Testing

@Suite("Open Inference Protocol")
struct InferTests {
    static let request = """
        {"id":"7","inputs":[
          {"name":"price","datatype":"FP64","shape":[2],"data":[3,900]},
          {"name":"country","datatype":"BYTES","shape":[2],"data":["NL","US"]}],
         "outputs":[{"name":"prediction"}]}
        """

    @Test func inferGivesWhatPredictGivesForTheSameRows() async throws {
        let server = Sample.server()
        let inferred = try await server.answer(.post, "/v2/models/flowers/infer", Self.request)
        let predicted = try await server.answer(.post, "/v1/predict", "[\(PredictTests.flower),\(PredictTests.other)]")
        #expect(inferred.status == .ok)
        let output = try #require((try inferred.document["outputs"] as? [[String: Any]])?.first)
        #expect(output["data"] as? [Double] == (try predicted.document["predictions"] as? [Double]))
        #expect(output["name"] as? String == "prediction")
        #expect(output["datatype"] as? String == "FP32")
        #expect(output["shape"] as? [Int] == [2])
    }

    @Test func answerNamesModelVersionIdAndFreshness() async throws {
        let answer = try await Sample.server().answer(.post, "/v2/models/flowers/versions/42/infer", Self.request)
        let document = try answer.document
        #expect(document["model_name"] as? String == "flowers")
        #expect(document["model_version"] as? String == "42")
        #expect(document["id"] as? String == "7")
        let parameters = try #require(document["parameters"] as? [String: Any])
        #expect(parameters["version"] as? String == "42")
        #expect(parameters["ageSeconds"] as? Double == 1.2)
        #expect(parameters["inputWatermark"] as? String == "2013-12-31T23:59:58.500Z")
        #expect(parameters["stale"] as? Bool == false)
        #expect(answer.headers[.freshetVersion] == "42")
    }

    @Test func nullMeansThatTheRowLacksTheField() async throws {
        let server = Sample.server()
        let body = """
            {"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":[3]},
                       {"name":"country","datatype":"BYTES","shape":[1],"data":[null]}]}
            """
        let inferred = try await server.answer(.post, "/v2/models/flowers/infer", body).document
        let predicted = try await server.answer(.post, "/v1/predict", #"{"features":{"price":3}}"#).document
        let output = try #require((inferred["outputs"] as? [[String: Any]])?.first)
        #expect(output["data"] as? [Double] == predicted["predictions"] as? [Double])
    }

    @Test(arguments: [
        (#"{"inputs":[{"name":"colour","datatype":"BYTES","shape":[1],"data":["red"]}]}"#, "The model has no input 'colour'"),
        (
            #"{"inputs":[{"name":"price","datatype":"BYTES","shape":[1],"data":["3"]}]}"#,
            "Input 'price' has datatype BYTES; it must be FP64"
        ),
        (#"{"inputs":[{"name":"price","datatype":"FP64","shape":[2],"data":[3]}]}"#, "Input 'price' has shape [2] and 1 values"),
        (#"{"inputs":[{"name":"price","datatype":"FP64","shape":[1,1],"data":[3]}]}"#, "Input 'price' has shape [1, 1] and 1 values"),
        (
            """
            {"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":[3]},
                       {"name":"country","datatype":"BYTES","shape":[2],"data":["a","b"]}]}
            """,
            "Input 'country' has 2 rows and the inputs before it 1"
        ),
        (
            """
            {"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":[3]},
                       {"name":"price","datatype":"FP64","shape":[1],"data":[3]}]}
            """,
            "Input 'price' is given twice"
        ),
        (
            #"{"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":[3]}],"outputs":[{"name":"logits"}]}"#,
            "The model has no output 'logits'"
        ),
        (#"{"inputs":[]}"#, "There are no rows"),
        (#"{"inputs":[{"name":"price","datatype":"FP64","shape":[0],"data":[]}]}"#, "There are no rows"),
        (#"{"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":["x"]}]}"#, "inputs[0].data[0] has a value of the wrong type"),
        (
            #"{"inputs":[{"name":"price","datatype":"INT8","shape":[1],"data":[3]}]}"#,
            "inputs[0].datatype has a value that is not possible there"
        ),
        (#"{"inputs":[{"datatype":"FP64","shape":[1],"data":[3]}]}"#, "inputs[0] has no 'name'"),
        (#"{"rows":[]}"#, "The document has no 'inputs'"),
        (#"{"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":[5000]}]}"#, "Row 0 cannot be predicted: number-out-of-range"),
        (#"{"inputs":[{"name":"price","datatype":"FP64","shape":[1],"data":[NaN]}]}"#, "The body is not one JSON document"),
        ("", "The body is not one JSON document"),
    ])
    func requestThatDoesNotFitIs400(body: String, sentence: String) async throws {
        let answer = try await Sample.server().answer(.post, "/v2/models/flowers/infer", body)
        #expect(answer.status == .badRequest)
        #expect(answer.error.hasPrefix(sentence), "\(answer.error)")
    }

    @Test func endlesslyNestedBodyIs400() async throws {
        let body = #"{"inputs":"# + String(repeating: "[", count: 500_000)
        let answer = try await Sample.server().answer(.post, "/v2/models/flowers/infer", body)
        #expect(answer.error == "The body is not one JSON document.")
    }

    @Test func otherModelOrVersionIs404() async throws {
        let server = Sample.server()
        for path in ["/v2/models/trees/infer", "/v2/models/flowers/versions/41/infer"] {
            #expect(try await server.answer(.post, path, Self.request).status == .notFound)
        }
        #expect(try await server.answer(.get, "/v2/models/trees").error.hasPrefix("There is no model 'trees' here"))
        #expect(try await server.answer(.get, "/v2/models/flowers/versions/41").error == "Version 41 is not served; version 42 is.")
    }

    @Test func metadataListsTheInputs() async throws {
        for path in ["/v2/models/flowers", "/v2/models/flowers/versions/42"] {
            let answer = try await Sample.server().answer(.get, path)
            #expect(
                answer.text == """
                    {"inputs":[{"datatype":"BYTES","name":"country","shape":[-1]},{"datatype":"FP64","name":"price","shape":[-1]},\
                    {"datatype":"BOOL","name":"returning","shape":[-1]}],"name":"flowers",\
                    "outputs":[{"datatype":"FP32","name":"prediction","shape":[-1]}],"platform":"freshet","versions":["42"]}
                    """)
        }
    }

    @Test func serverMetadataNamesTheBuild() async throws {
        let answer = try await Sample.server().answer(.get, "/v2")
        #expect(answer.text == #"{"extensions":[],"name":"freshet","version":"1.0"}"#)
    }

    @Test func readinessFollowsTheSnapshotAndLivenessDoesNot() async throws {
        let box = SnapshotBox()
        let server = Sample.server(nil, box: box)
        #expect(try await server.answer(.get, "/v2/health/live").status == .ok)
        #expect(try await server.answer(.get, "/v2/health/ready").status == .serviceUnavailable)
        #expect(try await server.answer(.get, "/v2/models/flowers/ready").status == .serviceUnavailable)
        box.replace(with: Sample.snapshot())
        #expect(try await server.answer(.get, "/v2/health/ready").text == #"{"ready":true}"#)
        #expect(try await server.answer(.get, "/v2/models/flowers/ready").text == #"{"name":"flowers","ready":true}"#)
        #expect(try await server.answer(.get, "/v2/models/flowers/versions/42/ready").status == .ok)
    }
}
