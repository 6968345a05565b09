import Events
import Foundation
import Kafka
import Learning
import Testing

@testable import Checkpointing
@testable import Freshet
@testable import Training

/// Topics, keys, bytes and headers are as `Records.md` says.
@Suite struct SurfaceRecordTests {
    private let page = Catalogue.page("Records")

    // MARK: - Topics

    @Test func topicsAreMadeAsDocumented() throws {
        let table = try #require(page.table(under: "Topics"))
        let plan = TopicPlan(names: Names(model: "<model>"), lanes: 3, replication: -1)
        #expect(table.rows.count == plan.topics.count)
        for (row, topic) in zip(table.rows, plan.topics) {
            #expect(row[0].uncoded == topic.name)
            #expect(row[1].uncoded == (topic.partitions == 3 ? "checkpoint.lanes" : "1"))
            #expect(row[2].codes == topic.needed.map { "\($0.key)=\($0.value)" }.sorted())
            #expect(row[3].codes == topic.configuration.map { "\($0.key)=\($0.value)" }.sorted())
        }
    }

    @Test func namesForAccessControlAreThese() throws {
        let names = Names(model: "<model>")
        let table = try #require(page.table(with: ["Name", "What it is", "Who uses it"]))
        let known = [names.group, names.lanesGroup, names.transactionalID(lane: 7).replacing("7", with: "<lane>")]
        #expect(table.column("Name") == known)
    }

    // MARK: - Events

    @Test func theExampleEventIsAnExample() throws {
        let fence = try #require(page.fence("example", "event"))
        let (batch, rejections) = SurfaceSamples.batch([fence.text], try SurfaceSamples.settings().specification())
        #expect(batch.count == 1 && rejections.isEmpty)
    }

    @Test func theReasonsAreThese() throws {
        let table = try #require(page.table(with: ["Reason", "Meaning"]))
        #expect(table.column("Reason") == RejectReason.allCases.map(\.rawValue))
    }

    // MARK: - Keys

    @Test func everyExampleOfACheckpointKeyIsOne() throws {
        let table = try #require(page.table(under: "Checkpoint: keys"))
        for (shape, example) in zip(table.column("Key"), table.column("Example")) {
            let key = try #require(RecordKey(Array(example.utf8)), "\(example)")
            #expect(key.bytes == Array(example.utf8))
            #expect(try example.wholeMatch(of: Self.pattern(shape)) != nil, "\(example) is not \(shape)")
        }
        let kinds = table.column("Example").compactMap { RecordKey(Array($0.utf8)) }.map { key in
            switch key {
            case .owner: "owner"
            case .page: "page"
            case .manifest(_, part: 0): "manifest"
            case .manifest: "part"
            case .cleared: "cleared"
            }
        }
        #expect(kinds == ["owner", "page", "manifest", "part", "cleared"])
    }

    @Test func controlKeysReadBack() throws {
        let table = try #require(page.table(under: "Control"))
        let examples = table.column("Example")
        let values = [
            try RecordJSON.encode(ControlCommand(id: "a", action: .freeze, author: "", reason: "", issuedAt: 0, expiresAt: 0)),
            try RecordJSON.encode(ControlAnswer(command: "a", lane: 0, outcome: .applied, detail: "", version: nil, at: 0)), [1],
        ]
        var view = ControlView()
        for (example, value) in zip(examples, values) { view.apply(key: Array(example.utf8), value: value) }
        #expect(view.commands.count == 1 && view.answers.count == 1 && view.statuses.keys.first == examples[2])
        for (shape, example) in zip(table.column("Key"), examples) {
            #expect(try example.wholeMatch(of: Self.pattern(shape)) != nil, "\(example) is not \(shape)")
        }
    }

    /// What is in angle brackets stands for letters, digits, dots and dashes.
    private static func pattern(_ shape: String) throws -> Regex<AnyRegexOutput> {
        try Regex(shape.replacing(/<[a-z]+>/, with: "[A-Za-z0-9.-]+"))
    }

    // MARK: - Bytes

    @Test func thePageRecordIsTheExample() throws {
        let slots: [Float] = [0.5, 2, -1, 4]
        let bytes = slots.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } }
        let record = PageRecord(lane: 2, index: 7, version: 21, fingerprint: Digest128(high: 1, low: 2), slots: bytes)
        let documented = try #require(page.fence("surface", "page")).text.filter { !$0.isWhitespace }
        #expect(documented == Self.hexadecimal(record.encoded()))
        try Self.expectOffsets(
            in: #require(page.table(under: "page")), ofFieldsIn: record.encoded(),
            [
                "magic": [0x46, 0x52, 0x50, 0x47], "format": [1, 0], "lane": [2, 0], "page index": [7, 0, 0, 0], "length": [16, 0, 0, 0],
                "version": [21, 0, 0, 0, 0, 0, 0, 0], "fingerprint": Self.bytes(of: record.fingerprint),
                "digest": Self.bytes(of: record.digest),
                "slots": bytes, "low half": Self.bytes(of: Digest128(of: Array(record.encoded().dropLast(8)))).suffix(8),
            ])
    }

    @Test func aManifestLiesAsDocumented() throws {
        let reference = PageReference(
            index: 7, id: VersionID(version: 46, writer: SurfaceSamples.writer), digest: SurfaceSamples.digest, offset: 320)
        let manifest = Manifest(body: SurfaceSamples.manifest(of: SurfaceSamples.fullState), pages: [reference])
        let (bytes, digest) = try manifest.encoded()
        let body = try RecordJSON.encode(manifest.body)
        let tables = page.elements.compactMap { element -> Page.Table? in
            guard case .table(let table) = element, table.header == ["Offset", "Bytes", "Field"] else { return nil }
            return table
        }
        #expect(tables.count == 3)
        try Self.expectOffsets(
            in: tables[0], ofFieldsIn: ManifestParts.split(bytes)[0],
            [
                "magic": [0x46, 0x52, 0x4D, 0x50], "part": [0, 0], "number of parts": [1, 0], "bytes of the manifest": bytes,
            ])
        try Self.expectOffsets(
            in: tables[1], ofFieldsIn: bytes,
            [
                "magic": [0x46, 0x52, 0x4D, 0x46], "format": [1, 0], "0": [0, 0], "length of the body": Self.bytes(of: UInt32(body.count)),
                "number of page references": [1, 0, 0, 0], "body": body, "xxh3-128": Self.bytes(of: digest),
                "each page reference": Self.bytes(of: UInt32(7)) + [0, 0, 0, 0] + Self.bytes(of: UInt64(46))
                    + Self.bytes(of: SurfaceSamples.writer.bits) + Self.bytes(of: SurfaceSamples.digest) + Self.bytes(of: UInt64(320)),
            ])
    }

    @Test func aVersionFileLiesAsDocumented() throws {
        let table = try #require(page.table(under: "Version files"))
        let file = try SurfaceSamples.versionFile
        let (bytes, manifest) = (try file.encoded(), try file.manifest.encoded().bytes)
        try Self.expectOffsets(
            in: table, ofFieldsIn: bytes,
            [
                "magic": [0x46, 0x52, 0x56, 0x46], "format": [1, 0], "flags": [1, 0],
                "length of the file": Self.bytes(of: UInt64(bytes.count)),
                "length of the manifest": Self.bytes(of: UInt32(manifest.count)), "number of pages": [1, 0, 0, 0], "manifest": manifest,
                "each page of the page table": Self.bytes(of: UInt32(128)) + (file.slots[7] ?? []),
                "xxh3-128": Self.bytes(of: Digest128(of: Array(bytes.dropLast(16)))),
            ])
    }

    /// Walks a table of offsets along the bytes: every field lies where the one before ends, is as long as is said, and holds what it has to.
    private static func expectOffsets(in table: Page.Table, ofFieldsIn bytes: [UInt8], _ fields: [String: [UInt8]]) throws {
        #expect(table.rows.count == fields.count)
        var position = 0
        for row in table.rows {
            let field = try #require(fields.filter { row[2].hasPrefix($0.key) }.max { $0.key.count < $1.key.count }, "\(row[2])")
            if let offset = Int(row[0]) { #expect(offset == position, "\(row[2])") }
            if let length = Int(row[1]) { #expect(length == field.value.count, "\(row[2])") }
            let end = min(bytes.count, position + field.value.count)
            #expect(Array(bytes[position..<end]) == field.value, "\(row[2])")
            position = end
        }
        #expect(position == bytes.count)
    }

    private static func bytes(of digest: Digest128) -> [UInt8] { bytes(of: digest.high) + bytes(of: digest.low) }

    private static func bytes(of value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: - Headers

    @Test func quarantineHeadersAreThese() throws {
        let table = try #require(page.table(under: "Quarantine"))
        let event = QuarantinedEvent(
            topic: "purchases", partition: 0, offset: 359, timestamp: 1_795_471_344_793, reason: "not-json",
            detail: "JSON document ended early in the middle of an object or array.", key: nil, value: Array("{broken".utf8),
            originalLength: 7,
            digest: Digest128(of: Array("{broken".utf8)).description)
        let headers = event.record(for: "flowers.quarantine").headers.map { [$0.0, String(decoding: $0.1 ?? [], as: UTF8.self)] }
        #expect(zip(table.column("Header"), table.column("Example")).map { [$0, $1] } == headers)
    }

    // MARK: - Environment

    @Test func theVariablesReadAreDocumented() throws {
        let table = try #require(page.table(under: "Environment"))
        let documented = Set(table.column("Variable"))
        let read = Catalogue.sources(under: "Sources").flatMap { file in
            file.text.matches(of: /environment\["([A-Z_]+)"\]|"(FRESHET_[A-Z_]*[A-Z])"/).map { String($0.1 ?? $0.2 ?? "") }
        }
        #expect(Set(read).subtracting(documented) == [])
        #expect(documented == Set(read).union(["FRESHET_<KEY>", "FRESHET_<KEY>_FILE"]))
    }
}
