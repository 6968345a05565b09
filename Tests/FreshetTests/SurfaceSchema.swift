import Foundation

/// A JSON value, with flags told from numbers.
indirect enum JSON: Equatable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case string(String)
    case list([JSON])
    case object([String: JSON])

    init(text: String) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

    init(_ value: some Encodable) throws { self = try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(value)) }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let list = try? container.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}

/// The shape of a JSON document as a table of the catalogue tells it: `| Key | Type | Meaning |`, one row a key.
///
/// `a.b` is a key inside an object, `a[]` an element of a list. Types are string, number, boolean, object, `list of`, `map of`, or the name of
/// another documented object; `, optional` may follow.
struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case string, number, boolean
        /// nil: an object whose keys are nobody's business.
        case object([String: Member]?)
        case list(Kind)
        case map(Kind)
        /// Described elsewhere, and held to it there.
        case reference(Schema)
    }

    struct Member: Sendable {
        var kind: Kind
        var isOptional: Bool
    }

    let root: Kind

    /// - Parameter named: the schema of another documented object.
    init(_ table: Page.Table, named: (String) -> Schema?) throws {
        let rows = zip(table.column("Key"), table.column("Type")).map { Row(path: $0, type: $1) }
        let isList = rows.allSatisfy { $0.path.hasPrefix("[].") }
        let members = try Self.members(below: isList ? "[]." : "", rows, named)
        root = isList ? .list(.object(members)) : .object(members)
    }

    private struct Row {
        var path: String
        var type: String
    }

    private struct UnknownType: Error {
        var path: String
        var type: String
    }

    private static func members(below prefix: String, _ rows: [Row], _ named: (String) -> Schema?) throws -> [String: Member] {
        var members: [String: Member] = [:]
        for row in rows where row.path.hasPrefix(prefix) {
            let name = String(row.path.dropFirst(prefix.count))
            if name.contains(".") || name.contains("[") || name.isEmpty { continue }
            let type = row.type.replacing(", optional", with: "")
            members[name] = Member(kind: try kind(type, at: row.path, rows, named), isOptional: type != row.type)
        }
        return members
    }

    private static func kind(_ type: String, at path: String, _ rows: [Row], _ named: (String) -> Schema?) throws -> Kind {
        switch type {
        case "string": return .string
        case "number": return .number
        case "boolean": return .boolean
        case "object":
            let members = try members(below: "\(path).", rows, named)
            return .object(members.isEmpty ? nil : members)
        case _ where type.hasPrefix("list of "): return .list(try kind(String(type.dropFirst(8)), at: "\(path)[]", rows, named))
        case _ where type.hasPrefix("map of "): return .map(try kind(String(type.dropFirst(7)), at: path, rows, named))
        default:
            guard let schema = named(type) else { throw UnknownType(path: path, type: type) }
            return .reference(schema)
        }
    }
}

/// How a schema and some documents differ.
struct SchemaReport {
    private(set) var complaints: [String] = []
    private var present: [String: Int] = [:]
    private var possible: [String: Int] = [:]

    /// Checks that a document has the documented shape: no other keys, none missing that is not optional, no other types.
    mutating func check(_ document: JSON, against schema: Schema) { check(document, schema.root, "", isCounted: true) }

    /// What the documents together show: every documented key occurs, and an optional one is absent at times.
    mutating func checkCoverage(of schema: Schema) { cover(schema.root, "") }

    private mutating func check(_ value: JSON, _ kind: Schema.Kind, _ path: String, isCounted: Bool) {
        switch (kind, value) {
        case (.string, .string), (.number, .number), (.boolean, .flag), (.object(nil), .object): return
        case (.reference(let schema), _): check(value, schema.root, path, isCounted: false)
        case (.list(let element), .list(let values)): for value in values { check(value, element, "\(path)[]", isCounted: isCounted) }
        case (.map(let element), .object(let values)): for value in values.values { check(value, element, path, isCounted: isCounted) }
        case (.object(let members?), .object(let values)): check(values, members, path, isCounted: isCounted)
        default: complaints.append("\(path): the type is another one than is documented: \(value)")
        }
    }

    private mutating func check(_ values: [String: JSON], _ members: [String: Schema.Member], _ path: String, isCounted: Bool) {
        for key in values.keys.sorted() where members[key] == nil { complaints.append("\(path).\(key): is not documented") }
        for (key, member) in members.sorted(by: { $0.key < $1.key }) {
            let place = "\(path).\(key)"
            if isCounted { possible[place, default: 0] += 1 }
            guard let value = values[key] else {
                if !member.isOptional { complaints.append("\(place): is missing, and not documented as optional") }
                continue
            }
            if isCounted { present[place, default: 0] += 1 }
            check(value, member.kind, place, isCounted: isCounted)
        }
    }

    private mutating func cover(_ kind: Schema.Kind, _ path: String) {
        switch kind {
        case .list(let element): cover(element, "\(path)[]")
        case .map(let element): cover(element, path)
        case .object(let members?):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                let place = "\(path).\(key)"
                if present[place] == nil { complaints.append("\(place): is documented, and never said") }
                if member.isOptional, present[place] == possible[place] {
                    complaints.append("\(place): is documented as optional, and always said")
                }
                cover(member.kind, place)
            }
        case .string, .number, .boolean, .object(nil), .reference: return
        }
    }
}
