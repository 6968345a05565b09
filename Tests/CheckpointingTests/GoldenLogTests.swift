import Foundation
import Learning
import TestSupport
import Testing

@testable import Checkpointing

/// What some build has written, every later one reads.
@Suite struct GoldenLogTests {
    private static let order = "FRESHET_GOLDEN=write swift test --disable-xctest --filter Golden"
    private static let path = GoldenLog.folder.appending(path: GoldenLog.name).path

    @Test(arguments: GoldenLog.names) func everyRetainedVersionRestores(name: String) async throws {
        let golden = try GoldenLog(named: name)
        var view = LaneView(fingerprint: nil, keepsSlots: false)
        for record in golden.records { view.apply(record) }
        #expect(view.damaged.isEmpty, "\(view.damaged)")
        #expect(try await GoldenLog.versions(in: MemoryTopic(golden.records)) == golden.versions)
    }

    @Test(arguments: GoldenLog.names) func aWriterTakesTheLaneAndWritesOn(name: String) async throws {
        let golden = try GoldenLog(named: name)
        let topic = MemoryTopic(golden.records)
        let newest = try await LaneReader(log: MemoryLog(topic)).newest()
        let body = try #require(newest).body
        let identity = LaneIdentity(
            model: body.model, lane: body.lane, of: body.lanes ?? 1, fingerprint: body.fingerprint, specification: body.specification,
            pageCount: body.pageCount, host: "test", build: "test")
        let writer = LaneWriter(log: MemoryLog(topic), identity: identity, retention: Retention(latest: 16), now: { 1_900_000_000_000 })
        let taken = try #require(try await writer.take())
        #expect(taken.manifest.body == body)
        let pages = taken.slots.map { CutPage(index: $0.key, slots: $0.value) }
        let next = try await writer.write(Cut(state: body.state, pages: pages, modelDigest: body.modelDigest))
        try await writer.clear(next.body.version)
        #expect(next.body.version > body.version && next.body.epoch > body.epoch)
        topic.compact()
        let added = ["version \(next.body.version) cleared \(body.modelDigest)"]
        #expect(try await GoldenLog.versions(in: topic) == golden.versions + added)
        #expect(try await LaneReader(log: MemoryLog(topic)).newestCleared(wait: .zero)?.manifest == next)
    }

    @Test(arguments: GoldenLog.names) func theVersionFileIsRead(name: String) throws {
        let golden = try GoldenLog(named: name)
        let file = try VersionFile(decoding: golden.file)
        let digest = try GoldenLog.digest(of: file.manifest.body, file.slots)
        #expect(file.cleared && golden.versions.contains("version \(file.manifest.body.version) cleared \(digest)"))
    }

    @Test(.disabled(if: GoldenLog.isBeingWritten)) func todaysBytesAreTheGoldenOnes() async throws {
        try #require(FileManager.default.fileExists(atPath: Self.path), "\(Self.path) is missing; write it with: \(Self.order)")
        let (golden, today) = (try GoldenLog(named: GoldenLog.name), try await GoldenRun.tell())
        let changed = Set(golden.lines).symmetricDifference(today.lines).map { String($0.prefix(60)) }.sorted()
        #expect(
            changed == [],
            """
            Today's build writes other lines than \(GoldenLog.name) has. Not meant: take it back. Meant: raise the format of what changed, \
            teach its reader both, and keep the file, which has the old numbers in its name. Only a member that may be absent is new: \
            rename the file to log-…-before-<member>.txt, so that it is read for ever. Then write the new one: \(Self.order)
            """)
    }

    @Test func theRunHasOneOfEverything() async throws {
        let run = try await GoldenRun.tell()
        let marks = run.versions.map { $0.split(separator: " ").dropLast().joined(separator: " ") }
        #expect(marks == ["version 1 pinned", "version 4 undone", "version 5 cleared", "version 6 cleared", "version 7"])
        let keys = run.records.map { String(decoding: $0.key, as: UTF8.self) }
        let kinds = zip(run.records, keys).map { record, key in "\(record.value == nil ? "-" : "")\(key.prefix { $0 != "@" })" }
        #expect(Set(kinds) == ["owner", "page/0", "page/1", "manifest", "cleared", "-page/0", "-manifest", "-cleared"])
        #expect(keys.contains { $0.hasPrefix("manifest@7.") && $0.hasSuffix("/1") })
    }

    @Test(.enabled(if: GoldenLog.isBeingWritten, "FRESHET_GOLDEN=write writes the golden log.")) func theGoldenLogIsWritten() async throws {
        try #require(!FileManager.default.fileExists(atPath: Self.path), "\(Self.path) is there already; rename it or take it away first")
        try FileManager.default.createDirectory(at: GoldenLog.folder, withIntermediateDirectories: true)
        let text = try await GoldenRun.tell().lines.map { $0 + "\n" }.joined()
        try text.write(toFile: Self.path, atomically: true, encoding: .utf8)
    }
}

/// A lane's log, and a version of it as a file, as some build wrote them.
///
///     version 5 cleared 3f0a…      a retained version, oldest first, and the digest of its model
///     17 page/0@5.00…a1 RlJQRw…    offset, key and value of a record: JSON as it is, other bytes in base 64, a tombstone as -
///     file RlJWRg…                 the newest cleared version, as `export` writes it
///
/// A long run of A in base 64 is written as its length in parentheses: slots that were never touched take no room.
struct GoldenLog {
    var versions: [String] = []
    var records: [LogRecord] = []
    var file: [UInt8] = []

    /// The file of today's formats.
    static let name = "log-m\(Manifest.format)-p\(PageRecord.format)-o\(OwnerRecord.format)-f\(VersionFile.format).txt"
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    /// The files of all formats there ever were.
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasPrefix("log-") }.sorted()
    static let isBeingWritten = ProcessInfo.processInfo.environment["FRESHET_GOLDEN"] == "write"
}

extension GoldenLog {
    init(named name: String) throws {
        self.init()
        for line in try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2)
            switch words[0] {
            case "version": versions.append(String(line))
            case "file": file = try #require(try Self.value(words[1]))
            default:
                let offset = try #require(Int64(words[0]))
                records.append(LogRecord(offset: offset, key: Array(words[1].utf8), value: try Self.value(words[2])))
            }
        }
    }

    var lines: [String] {
        let kept = records.map { "\($0.offset) \(String(decoding: $0.key, as: UTF8.self)) \(Self.text($0.value))" }
        return versions + kept + ["file \(Self.text(file))"]
    }

    private static func text(_ value: [UInt8]?) -> String {
        guard let value else { return "-" }
        if value.first == UInt8(ascii: "{") { return String(decoding: value, as: UTF8.self) }
        return Data(value).base64EncodedString().replacing(#/A{16,}/#) { match in "(\(match.output.count))" }
    }

    private static func value(_ text: Substring) throws -> [UInt8]? {
        if text == "-" { return nil }
        if text.hasPrefix("{") { return Array(text.utf8) }
        let whole = text.replacing(#/\((\d+)\)/#) { match in String(repeating: "A", count: Int(match.output.1) ?? 0) }
        return Array(try #require(Data(base64Encoded: String(whole))))
    }

    /// The retained versions as today's reader restores them, each with the digest of the model that its pages and globals make.
    static func versions(in topic: MemoryTopic) async throws -> [String] {
        let reader = LaneReader(log: MemoryLog(topic))
        var lines: [String] = []
        for rung in try await reader.rungs() {
            let found = try await reader.version(rung.version)
            let version = try #require(found, "version \(rung.version) is not restored")
            let digest = try digest(of: version.manifest.body, version.slots)
            #expect(digest == version.manifest.body.modelDigest)
            let marks = [rung.cleared ? "cleared" : nil, rung.pinned ? "pinned" : nil, rung.isUndone ? "undone" : nil].compactMap { $0 }
            lines.append((["version", "\(rung.version)"] + marks + ["\(digest)"]).joined(separator: " "))
        }
        return lines
    }

    private struct Specification: Decodable { var learner: LearnerSpecification }

    static func digest(of body: Manifest.Body, _ slots: [Int: [UInt8]]) throws -> Digest128 {
        let specification = try RecordJSON.decode(Specification.self, from: Array(body.specification.utf8))
        return specification.learner.modelDigest(fingerprint: body.fingerprint, globals: body.state.globals, pages: slots)
    }
}
