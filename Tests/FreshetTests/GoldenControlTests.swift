import Foundation
import Learning
import Testing

@testable import Checkpointing
@testable import Freshet
@testable import Supervision
@testable import Training

/// Control records, and a model's specification, as some build wrote them: every later one reads them. They have no number of their format.
@Suite struct GoldenControlTests {
    private static let order = "FRESHET_GOLDEN=write swift test --disable-xctest --filter Golden"
    private static let folder = Catalogue.root.appending(path: "Tests/CheckpointingTests/Golden")
    private static let file = folder.appending(path: "control-1.txt")
    static let isBeingWritten = ProcessInfo.processInfo.environment["FRESHET_GOLDEN"] == "write"
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasPrefix("control-") }

    private static func text(_ url: URL) throws -> String { try String(contentsOf: url, encoding: .utf8) }

    @Test(arguments: names) func everyRecordIsRead(name: String) throws {
        var view = ControlView()
        var counts: [Substring: Int] = [:]
        for line in try Self.text(Self.folder.appending(path: name)).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            view.apply(key: Array(words[0].utf8), value: Array(words[1].utf8))
            let kind = words[0].prefix { $0 != "/" }
            counts[kind, default: 0] += 1
            guard words[0] == "specification" else { continue }
            let fingerprint = try ModelSpecification(text: String(words[1])).fingerprint()
            #expect(fingerprint == Digest128(of: Array(words[1].utf8)), "a model of an older build counts as another one")
        }
        let answers = view.answers.values.reduce(0) { $0 + $1.count }
        let read: [Substring: Int] = [
            "specification": 1, "command": view.commands.count, "answer": answers, "status": view.statuses.processStatuses.count,
        ]
        #expect(read == counts)
    }

    @Test func aStatusOfANewerFormatIsNotTakenForOneOfThis() throws {
        let status = try #require(try SurfaceSamples.processStatuses.first)
        let today = try RecordJSON.encode(status)
        let newer = Array(#"{"format":2,"#.utf8) + today.dropFirst()
        #expect(["status/trainer/a": newer, "status/trainer/b": today].processStatuses == [status])
    }

    @Test(.disabled(if: isBeingWritten)) func todaysRecordsAreTheGoldenOnes() throws {
        let path = Self.file.path
        try #require(FileManager.default.fileExists(atPath: path), "\(path) is missing; write it with: \(Self.order)")
        let (golden, today) = (Set(try Self.text(Self.file).split(separator: "\n").map(String.init)), Set(try Self.today()))
        #expect(
            golden.symmetricDifference(today) == [],
            """
            If that was not meant, take it back. If it was, older builds have to read it, and this one what they wrote: rename the file to \
            control-before-<change>.txt, so that it is read for ever, and write the new one: \(Self.order)
            """)
    }

    @Test(.enabled(if: isBeingWritten, "FRESHET_GOLDEN=write writes the golden records.")) func theGoldenRecordsAreWritten() throws {
        let path = Self.file.path
        try #require(!FileManager.default.fileExists(atPath: path), "\(path) is there already; rename it or take it away first")
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        try Self.today().map { $0 + "\n" }.joined().write(to: Self.file, atomically: true, encoding: .utf8)
    }

    /// Key and value.
    private static func today() throws -> [String] {
        func json(_ value: some Encodable) throws -> String { String(decoding: try RecordJSON.encode(value), as: UTF8.self) }
        var lines = try ["specification \(SurfaceSamples.settings().specification().text())"]
        for (index, sample) in SurfaceSamples.commands.enumerated() {
            var command = sample
            command.id += "\(index)"
            try lines.append("command/\(command.id) \(json(command))")
        }
        for answer in SurfaceSamples.answers { try lines.append("answer/\(answer.command)/\(answer.lane) \(json(answer))") }
        for (index, sample) in try SurfaceSamples.processStatuses.enumerated() {
            var status = sample
            (status.instance, status.host, status.build) = ("node-3-\(index)", "node-3", "golden")
            try lines.append("status/\(status.process.rawValue)/\(status.instance) \(json(status))")
        }
        return lines
    }
}
