import Foundation

/// Feeds a target with mutated inputs, and watches time and memory.
struct FuzzLoop {
    struct Report: CustomStringConvertible {
        var target: String
        var inputs = 0
        /// Inputs that were taken for valid.
        var accepted = 0
        var seconds = 0.0
        var slowest = 0.0
        var slowestNumber = 0
        var growthBytes = 0

        var description: String {
            "\(target): \(inputs) inputs, \(accepted) accepted, \(Int(Double(inputs) / max(seconds, 1e-9))) a second; slowest "
                + "\(Int(slowest * 1e6)) µs (number \(slowestNumber)); memory grew by \(growthBytes / 1_024) KiB"
        }
    }

    /// One input may take so many seconds of this thread's own time, without optimisation too.
    static let secondsLimit = 2.0
    /// The process may grow by so much while it runs: inputs are of some KiB.
    static let growthLimit = 256 << 20

    let target: any FuzzTarget
    let seed: UInt64
    /// Where the input of a finding goes.
    var folder = URL(filePath: ".")
    /// Told of every input before it is taken.
    var witness: (_ input: [UInt8], _ number: Int) -> Void = { _, _ in }

    mutating func run(from first: Int = 0, count: Int) throws -> Report {
        var report = Report(target: target.name)
        // What a target allocates once is no growth.
        for input in target.seeds { _ = try target.take(input) }
        let (memory, started) = (Self.peakMemory, ContinuousClock.now)
        for number in first..<first + count {
            let input = input(number)
            witness(input, number)
            let began = Self.threadSeconds
            do {
                if try target.take(input) { report.accepted += 1 }
            } catch {
                throw failure(number, input, "\(error)")
            }
            let seconds = Self.threadSeconds - began
            if seconds > report.slowest { (report.slowest, report.slowestNumber) = (seconds, number) }
            guard seconds < Self.secondsLimit else { throw failure(number, input, "it took \(seconds) s") }
            if number.isMultiple(of: 1_024) {
                report.growthBytes = Self.peakMemory - memory
                guard report.growthBytes < Self.growthLimit else {
                    throw failure(number, input, "memory grew by \(report.growthBytes) bytes")
                }
            }
        }
        report.inputs = count
        report.growthBytes = Self.peakMemory - memory
        report.seconds = (ContinuousClock.now - started).inSeconds
        return report
    }

    /// The input of a number; every hundredth is a valid one as it is.
    func input(_ number: Int) -> [UInt8] {
        var random = Random(state: seed &* 0x2545_F491_4F6C_DD1D &+ UInt64(number))
        let seeds = target.seeds
        var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
        guard !number.isMultiple(of: 100) else { return bytes }
        var mutator = Mutator(random: random, pieces: target.pieces, donors: seeds)
        mutator.mutate(&bytes)
        if mutator.isChosen(oneIn: target.resealsOneIn) { target.reseal(&bytes) }
        return bytes
    }

    private func failure(_ number: Int, _ input: [UInt8], _ what: String) -> FuzzFailure {
        let path = "fuzz-\(target.name)-\(seed)-\(number).hex"
        let hex = input.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try? Data(hex.utf8).write(to: folder.appending(path: path))
        return FuzzFailure(
            "\(target.name), seed \(seed), input \(number): \(what). The input is in \(path); again: --from \(number) --count 1")
    }

    /// Time that other work on the machine takes is not the input's doing.
    private static var threadSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Bytes resident at the most since the process began.
    private static var peakMemory: Int {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1_024
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
