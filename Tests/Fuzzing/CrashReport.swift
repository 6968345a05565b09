import Foundation

/// What is left of a run that ended in a trap: the number of the input, from which it can be made again, and the input
/// in hexadecimal, in a file.
///
/// A handler of signals may take no locks and allocate nothing, hence the bare globals, which the one loop of the program writes.
enum CrashReport {
    nonisolated(unsafe) private static var number: Int = 0
    nonisolated(unsafe) private static var line: [UInt8] = []

    nonisolated(unsafe) private static var input: [UInt8] = []
    nonisolated(unsafe) private static var path: [CChar] = []

    static func note(_ input: [UInt8], _ number: Int) {
        unsafe Self.number = number
        unsafe Self.input = input
    }

    static func install(target: String, seed: UInt64) {
        unsafe path = Array("fuzz-\(target)-\(seed)-crash.hex".utf8CString)
        unsafe line = Array("\nfuzz: crashed; again: --target \(target) --seed \(seed) --count 1 --from ".utf8)
        for trap in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS, SIGFPE] {
            signal(trap) { received in
                CrashReport.tell()
                signal(received, SIG_DFL)
                raise(received)
            }
        }
    }

    private static func tell() {
        unsafe line.withUnsafeBytes { bytes in _ = unsafe write(2, bytes.baseAddress, bytes.count) }
        var divisor = 1
        while unsafe number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(48 + UInt8(unsafe number / divisor % 10), to: 2)
            divisor /= 10
        }
        put(10, to: 2)
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        for index in unsafe input.indices {
            put(digit(unsafe input[index] >> 4), to: file)
            put(digit(unsafe input[index] & 15), to: file)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    private static func put(_ character: UInt8, to file: Int32) {
        var character = character
        _ = unsafe write(file, &character, 1)
    }
}
