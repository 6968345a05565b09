package import Events

/// The body of `POST …/infer`: Open Inference Protocol v2, JSON tensors.
///
/// Every input is one field path with shape `[n]`; all have the same `n`, the number of rows. A `null` in the data means that the row
/// does not have the field. Source: the protocol's `inference_rest.md`, kserve/open-inference-protocol.
package struct InferenceRequest: Decodable, Sendable {
    struct Output: Decodable, Sendable {
        var name: String
    }

    var id: String?
    var inputs: [InferenceTensor]
    var outputs: [Output]?
}

struct InferenceTensor: Decodable, Sendable {
    enum Values: Equatable, Sendable {
        case numbers([Double?])
        case texts([String?])
        case booleans([Bool?])

        var count: Int {
            switch self {
            case .numbers(let values): values.count
            case .texts(let values): values.count
            case .booleans(let values): values.count
            }
        }

        subscript(row: Int) -> FieldValue? {
            switch self {
            case .numbers(let values): values[row].map(FieldValue.number)
            case .texts(let values): values[row].map(FieldValue.text)
            case .booleans(let values): values[row].map(FieldValue.boolean)
            }
        }
    }

    enum CodingKeys: CodingKey {
        case name, datatype, shape, data
    }

    var name: String
    var datatype: FieldDescription.Datatype
    var shape: [Int]
    var values: Values

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        datatype = try container.decode(FieldDescription.Datatype.self, forKey: .datatype)
        shape = try container.decode([Int].self, forKey: .shape)
        values =
            switch datatype {
            case .number: .numbers(try container.decode([Double?].self, forKey: .data))
            case .text: .texts(try container.decode([String?].self, forKey: .data))
            case .boolean: .booleans(try container.decode([Bool?].self, forKey: .data))
            }
    }
}

extension InferenceRequest {
    /// What is wrong with a request that is well-formed JSON.
    package enum Problem: Error, Equatable {
        case noInputs
        case unknownInput(String)
        case repeatedInput(String)
        case wrongDatatype(String, found: String, expected: String)
        case wrongShape(String, shape: [Int], count: Int)
        case unequalRows(String, count: Int, expected: Int)
        case tooManyRows(limit: Int)
        case unknownOutput(String)

        var sentence: String {
            switch self {
            case .noInputs: "There are no rows: give at least one input of shape [n], n at least 1."
            case .unknownInput(let name): "The model has no input '\(name)'; GET /v2/models/{model} lists them."
            case .repeatedInput(let name): "Input '\(name)' is given twice."
            case .wrongDatatype(let name, let found, let expected): "Input '\(name)' has datatype \(found); it must be \(expected)."
            case .wrongShape(let name, let shape, let count):
                "Input '\(name)' has shape \(shape) and \(count) values; the shape must be [n] with n values."
            case .unequalRows(let name, let count, let expected):
                "Input '\(name)' has \(count) rows and the inputs before it \(expected); all must have the same number."
            case .tooManyRows(let limit): "There are more than \(limit) rows; send them in several requests."
            case .unknownOutput(let name): "The model has no output '\(name)'; its output is 'prediction'."
            }
        }
    }

    /// The number of rows, once everything about the tensors is known to fit the model.
    /// - Parameter datatypes: the model's inputs.
    package func rows(for datatypes: [String: FieldDescription.Datatype], limit: Int) throws(Problem) -> Int {
        guard let rows = inputs.first?.values.count, rows > 0 else { throw .noInputs }
        guard rows <= limit else { throw .tooManyRows(limit: limit) }
        var seen: Set<String> = []
        for input in inputs {
            guard let expected = datatypes[input.name] else { throw .unknownInput(input.name) }
            guard seen.insert(input.name).inserted else { throw .repeatedInput(input.name) }
            guard input.datatype == expected else {
                throw .wrongDatatype(input.name, found: input.datatype.rawValue, expected: expected.rawValue)
            }
            guard input.shape == [input.values.count] else {
                throw .wrongShape(input.name, shape: input.shape, count: input.values.count)
            }
            guard input.values.count == rows else { throw .unequalRows(input.name, count: input.values.count, expected: rows) }
        }
        if let output = outputs?.first(where: { $0.name != InferenceAnswer.outputName }) { throw .unknownOutput(output.name) }
        return rows
    }

    /// The fields of one row, in the order of the inputs.
    package func fields(of row: Int) -> [(path: String, value: FieldValue)] {
        inputs.compactMap { input in input.values[row].map { (input.name, $0) } }
    }
}
