import Checkpointing
import Events
import Foundation
import Learning
import Publishing
import Training

/// Events as they stand in a topic, or in a request.
final class EventTarget: FuzzTarget {
    let name = "events"
    let pieces = jsonPieces + ["\"features\":", "\"label\":", "\"ts\":", "\"w\":", "\"price\":"].asBytes
    let seeds = [
        #"{"ts":1357035300000,"label":0,"id":"a1","w":1.5,"features":{"carrier":"UA","hour":"5","distance":1.4,"temp":39.02}}"#,
        #"{"label":true,"ts":"2013-01-01T05:15:00Z","features":{"a":{"b":{"c":[1,2,{"d":"e\u00e9\n"}]}},"tags":["x","y"],"n":null}}"#,
        #"{"label":1,"ts":5,"features":{"title":"Red Wine 2019","price":99.5,"vip":false,"":{"":0},"big":123456789012345678901}}"#,
        #"{"label":0,"ts":-1,"features":{"price":[1,2.5,-0.0],"deep":[[[["z"]]]],"u":"\ud83d\ude00","title":""},"extra":[{},{"a":1}]}"#,
    ].asBytes
    private static let bits = 12
    private let decoder: EventDecoder
    private var batch = ExampleBatch()

    init() throws {
        let schema = try EventSchema(
            time: "/ts", id: "/id", weight: "/w",
            declared: [
                "title": DeclaredField(type: .text), "price": DeclaredField(type: .number, range: 0...100),
                "vip": DeclaredField(type: .boolean),
            ], limits: EventLimits(documentBytes: 16_384, depth: 16, features: 64))
        decoder = EventDecoder(schema: schema, task: .binary, bits: Self.bits)
    }

    func take(_ bytes: [UInt8]) throws -> Bool {
        batch.removeAll()
        let purpose: EventDecoder.Purpose = bytes.count.isMultiple(of: 2) ? .learning : .prediction
        let rejection = unsafe bytes.withUnsafeBytes { unsafe decoder.decode($0, purpose: purpose, fallbackTime: 7, into: &batch) }
        guard batch.count == (rejection == nil ? 1 : 0) else {
            throw FuzzFailure("\(batch.count) rows where \(String(describing: rejection))")
        }
        guard rejection == nil else { return false }
        let features = batch.features(of: 0)
        guard features.count <= 64, features.allSatisfy({ batch.values[$0].isFinite && batch.slots[$0] < 1 << UInt32(Self.bits) }) else {
            throw FuzzFailure("a feature that no learner may be given: \(batch.values), \(batch.slots)")
        }
        guard batch.weights[0].isFinite, batch.weights[0] > 0, batch.labels[0].isFinite || purpose == .prediction else {
            throw FuzzFailure("label \(batch.labels[0]), weight \(batch.weights[0])")
        }
        return true
    }
}

/// What the control topic holds, and keys.
struct ControlTarget: FuzzTarget {
    let name = "control"
    let seeds: [[UInt8]]
    let pieces = jsonPieces + ["command/", "answer/", "page/", "manifest@", "owner@", ".00000000000000ab"].asBytes

    init() throws {
        let command = ControlCommand(
            id: "01M8573D9ZW3W4RZVV0EKWEEWZ", action: .rollback, lane: 0, version: 412, mode: .skip, author: "ada", reason: "worse",
            issuedAt: 5, expiresAt: 9)
        let answer = ControlAnswer(command: command.id, lane: 0, outcome: .applied, detail: "done", version: 413, at: 6)
        let keys = ["owner@1.00000000000000ab", "page/3@7.00000000000000ab", "manifest@7.00000000000000ab/2", "cleared@7.00000000000000ab"]
        seeds = [try RecordJSON.encode(command), try RecordJSON.encode(answer)] + keys.asBytes
    }

    func take(_ bytes: [UInt8]) throws -> Bool {
        var view = ControlView()
        for key in ["command/a", "answer/a/0", "status/trainer/a"] { view.apply(key: Array(key.utf8), value: bytes) }
        view.apply(key: bytes, value: bytes)
        if let key = RecordKey(bytes), key.bytes != bytes { throw FuzzFailure("a key that is spelled otherwise: \(key)") }
        guard let command = try? RecordJSON.decode(ControlCommand.self, from: bytes) else { return false }
        guard try RecordJSON.decode(ControlCommand.self, from: try RecordJSON.encode(command)) == command else {
            throw FuzzFailure("a command is another one after it was written and read")
        }
        return true
    }
}

/// Tensors of the Open Inference Protocol, up to the rows that a model is given.
struct InferenceTarget: FuzzTarget {
    let name = "inference"
    let pieces = jsonPieces + ["\"inputs\":[", "\"shape\":[", "\"datatype\":\"FP64\"", "\"data\":["].asBytes
    let seeds = [
        #"{"inputs":[{"name":"price","datatype":"FP64","shape":[2],"data":[1.5,null]},{"name":"colour","datatype":"BYTES","shape":[2],"data":["red","b"]}]}"#,
        #"{"id":"7","inputs":[{"name":"vip","datatype":"BOOL","shape":[1],"data":[true]}],"outputs":[{"name":"prediction"}]}"#,
    ].asBytes
    private let datatypes: [String: FieldDescription.Datatype] = ["price": .number, "colour": .text, "vip": .boolean]
    private let decoder: EventDecoder

    init() throws { decoder = EventDecoder(schema: try EventSchema(), task: .binary, bits: 12) }

    func take(_ bytes: [UInt8]) throws -> Bool {
        guard let request = try? JSONDecoder().decode(InferenceRequest.self, from: Data(bytes)),
            let rows = try? request.rows(for: datatypes, limit: 1_000)
        else { return false }
        var batch = ExampleBatch()
        for row in 0..<rows {
            if decoder.decode(fields: request.fields(of: row), into: &batch) != nil { return false }
        }
        guard batch.count == rows, batch.values.allSatisfy(\.isFinite) else { throw FuzzFailure("\(batch.count) rows of \(rows)") }
        return true
    }
}
