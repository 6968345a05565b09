import Learning

/// A manifest larger than a record may be is written in parts, each of which says how many there are.
///
///     offset  bytes
///          0      4  magic "FRMP"
///          4      2  part
///          6      2  number of parts
///          8      …  bytes of the manifest
public enum ManifestParts {
    static let magic: UInt32 = 0x504D_5246
    public static let bytesPerPart = 512 << 10
    /// Of the largest manifest.
    static let countMost = Manifest.maximumBytes / bytesPerPart

    /// - Parameter size: the bytes of the manifest in each part but the last.
    public static func split(_ manifest: [UInt8], into size: Int = ManifestParts.bytesPerPart) -> [[UInt8]] {
        let count = max(1, (manifest.count + size - 1) / size)
        return (0..<count).map { part in
            var writer = ByteWriter()
            writer.append(magic)
            writer.append(UInt16(part))
            writer.append(UInt16(count))
            writer.append(Array(manifest[part * size..<min(manifest.count, (part + 1) * size)]))
            return writer.bytes
        }
    }

    static func decode(_ value: [UInt8]) throws(CodecError) -> (part: UInt16, count: UInt16, bytes: [UInt8]) {
        var reader = ByteReader(value)
        guard try reader.read(UInt32.self) == magic else { throw .notThisKind }
        let part = try reader.read(UInt16.self)
        let count = try reader.read(UInt16.self)
        guard count > 0, part < count, Int(count) <= countMost, reader.remaining <= bytesPerPart else {
            throw .inconsistent("part \(part) of \(count)")
        }
        return (part, count, try reader.read(count: reader.remaining))
    }
}

/// The parts of manifests that are not complete yet.
struct PartCollector: Sendable {
    private var parts: [VersionID: [UInt16: [UInt8]]] = [:]

    /// The whole manifest's bytes once its last part is there.
    mutating func add(_ value: [UInt8], of id: VersionID, part: UInt16) throws(CodecError) -> [UInt8]? {
        let decoded = try ManifestParts.decode(value)
        guard decoded.part == part else { throw .inconsistent("part \(decoded.part) under the key of part \(part)") }
        if decoded.count == 1 { return decoded.bytes }
        parts[id, default: [:]][part] = decoded.bytes
        guard let collected = parts[id], collected.count == Int(decoded.count) else { return nil }
        parts[id] = nil
        return (0..<decoded.count).flatMap { collected[$0] ?? [] }
    }

    mutating func forget(_ id: VersionID) { parts[id] = nil }
}
