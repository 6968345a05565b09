/// Something that reads bytes from elsewhere.
protocol FuzzTarget {
    var name: String { get }
    /// Valid inputs.
    var seeds: [[UInt8]] { get }
    /// What inputs are made of: brackets, marks, words.
    var pieces: [[UInt8]] { get }
    /// One mutated input in so many gets a right digest again, so that what lies behind the digest is reached; 0 for none.
    var resealsOneIn: Int { get }
    func reseal(_ bytes: inout [UInt8])
    /// Reads the bytes, and tells whether they were taken for valid. Throws a `FuzzFailure` when a property does not hold.
    func take(_ bytes: [UInt8]) throws -> Bool
}

extension FuzzTarget {
    var resealsOneIn: Int { 0 }
    func reseal(_ bytes: inout [UInt8]) {}
}

enum FuzzTargets {
    static let names = ["page", "manifest", "log", "export", "events", "control", "configuration", "inference"]

    static func named(_ name: String) async throws -> any FuzzTarget {
        switch name {
        case "page": PageTarget()
        case "manifest": try await ManifestTarget()
        case "log": try await LogTarget()
        case "export": try await VersionFileTarget()
        case "events": try EventTarget()
        case "control": try ControlTarget()
        case "configuration": ConfigurationTarget()
        case "inference": try InferenceTarget()
        default: throw FuzzFailure("there is no target '\(name)': \(names.joined(separator: ", "))")
        }
    }
}

extension [String] {
    var asBytes: [[UInt8]] { map { text in [UInt8](text.utf8) } }
}

/// What JSON is made of, and what breaks readers of it.
let jsonPieces: [[UInt8]] =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "1e999", "-", "-0.0", "NaN", "0",
        "9999999999999999999999",
        "{\"a\":", "[[", "é", "\u{1}", "\u{FEFF}", "\"id\":", "\"version\":",
    ].asBytes + [[0xFF] as [UInt8], [0xC0, 0x80], [0]]
