public import Foundation
import Synchronization

/// A program run by a test. It never outlives the test's process: it is killed with the last reference to it, and by its group's leader if
/// the test's process ends in another way.
public final class ChildProcess: Sendable {
    public enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    public let name: String
    public let pid: pid_t
    /// What it wrote to stdout and stderr.
    public let output: URL
    public let errors: URL
    private let state = Mutex<Exit?>(nil)

    /// - Parameters:
    ///   - name: of the files in `folder` that take what it writes.
    ///   - environment: on top of this process's own.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], name: String, folder: URL
    ) throws {
        self.name = name
        output = folder.appending(path: "\(name).out")
        errors = folder.appending(path: "\(name).err")
        pid = try spawn(
            executable, arguments, ProcessInfo.processInfo.environment.merging(environment) { $1 },
            group: try ProcessGroup.shared.get().leader, files: ["/dev/null", output.path, errors.path])
    }

    deinit { kill() }

    /// How it ended; nil while it runs.
    public var exit: Exit? { reap(WNOHANG) }

    public func signal(_ number: Int32) {
        state.withLock { exit in
            // Once it is reaped its number may be another's.
            if exit == nil { _ = Glibc.kill(pid, number) }
        }
    }

    /// Ends it at once, as a power cut would, and waits for that.
    public func kill() {
        signal(SIGKILL)
        _ = reap(0)
    }

    /// Waits for its end.
    public func ended(by deadline: ContinuousClock.Instant) async throws -> Exit {
        try await eventually("an end of \(name)", by: deadline, every: .milliseconds(20)) { exit }
    }

    public var outputText: String { Self.text(output) }
    public var errorText: String { Self.text(errors) }

    private static func text(_ file: URL) -> String { (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    private func reap(_ options: Int32) -> Exit? {
        state.withLock { exit in
            guard exit == nil else { return exit }
            var status: Int32 = 0
            guard unsafe waitpid(pid, &status, options) == pid else { return nil }
            // As the macros of wait(2) take it apart.
            exit = status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
            return exit
        }
    }
}

/// The process group that all children are in. Its leader waits for the end of a pipe that this process holds, which comes with this
/// process's end whatever that is, and then ends the group.
private final class ProcessGroup: Sendable {
    static let shared = Result { try ProcessGroup() }

    let leader: pid_t
    private let lifeline = Pipe()

    private init() throws {
        // Nobody else may hold the end that closes with this process.
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let end = "/proc/self/fd/\(lifeline.fileHandleForReading.fileDescriptor)"
        leader = try spawn("/bin/sh", ["-c", "read -r line; kill -KILL 0"], [:], group: 0, files: [end, "/dev/null", "/dev/null"])
    }
}

/// Starts a program that inherits nothing but its three files.
///
/// A socket of this process that a child holds as well does not end when it is closed here: an embedded broker that goes down would stay
/// connected to its clients, and nobody would answer them.
///
/// - Parameters:
///   - group: of the new process; 0 for one of its own.
///   - files: what it has for stdin, stdout and stderr.
func spawn(
    _ executable: String, _ arguments: [String], _ environment: [String: String], group: pid_t, files: [String]
) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, file) in files.enumerated() {
        let mode = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), file, mode, 0o644)
    }
    // Numbers that are not open are passed over. Asking which are would leave out what another thread opens meanwhile.
    for number in files.count..<4_096 { unsafe posix_spawn_file_actions_addclose(&actions, Int32(number)) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // The threads of a pool block every signal, and a child would inherit that.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setpgroup(&attributes, group)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    var words = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let failure = unsafe posix_spawn(&pid, executable, &actions, &attributes, &words, &variables)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
    return pid
}

/// The program under test.
public enum FreshetBinary {
    /// `FRESHET_BINARY`, or the one that was built beside the tests.
    public static func path() throws -> String {
        if let path = ProcessInfo.processInfo.environment["FRESHET_BINARY"] { return path }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = tests.deletingLastPathComponent().appending(path: "freshet").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestFailure("there is no \(path); build the package, or set FRESHET_BINARY")
        }
        return path
    }
}
