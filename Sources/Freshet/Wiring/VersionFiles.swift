import Checkpointing
import Foundation

/// Version files on disk.
enum VersionFiles {
    /// Writes the whole file or none: beside its place first, then moved there. A file that is there already stays unless `replacing`.
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws {
        guard replacing || !FileManager.default.fileExists(atPath: path) else { throw exists(path) }
        let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
        do {
            try writeThrough(bytes, to: draft)
            try move(draft, to: path, replacing: replacing)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }

    private static func writeThrough(_ bytes: [UInt8], to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw failure("make", path)
        }
        try file.write(contentsOf: bytes)
        try file.synchronize()
        try file.close()
    }

    /// A link is made only where there is nothing, whatever another process does meanwhile; a move replaces what is there.
    private static func move(_ draft: String, to path: String, replacing: Bool) throws {
        let isMoved = unsafe replacing ? rename(draft, path) == 0 : link(draft, path) == 0
        guard isMoved else { throw errno == EEXIST ? exists(path) : failure("make", path) }
        if !replacing { unsafe unlink(draft) }
    }

    static func read(_ path: String) throws -> VersionFile {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = (attributes?[.size] as? NSNumber)?.intValue else { throw failure("read", path) }
        guard size <= VersionFile.maximumBytes else { throw WorkFailure("\(path) is no version file: it has \(size) bytes") }
        guard let data = FileManager.default.contents(atPath: path) else { throw failure("read", path) }
        do {
            return try VersionFile(decoding: Array(data))
        } catch {
            throw WorkFailure("\(path) is not imported, and nothing was changed: \(sentence(error))")
        }
    }

    private static func sentence(_ error: CodecError) -> String {
        switch error {
        case .notThisKind: "it is no version file; freshet export writes them"
        case .truncated(let position): "it ends early, at byte \(position)"
        case .digestMismatch: "its digest does not match its bytes: it was damaged"
        case .newerFormat(let format): "it has format \(format), newer than this build reads: run a newer build"
        case .olderFormat(let format): "it has format \(format), older than this build reads: run the build that wrote it"
        case .inconsistent(let what): "it contradicts itself: \(what)"
        }
    }

    private static func exists(_ path: String) -> WorkFailure { WorkFailure("\(path) exists already; --force replaces it") }

    private static func failure(_ what: String, _ path: String) -> WorkFailure {
        WorkFailure("cannot \(what) \(path): \(unsafe String(cString: strerror(errno)))")
    }
}
