import Foundation

/// `fuzz --target page --count 10000000 --seed 1`: mutates valid inputs and watches what is made of them.
///
/// The same target, seed and number of an input give the same input, on every machine.
@main
enum Main {
    static func main() async {
        do {
            try await run()
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() async throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        for name in options.target == "all" ? FuzzTargets.names : [options.target] {
            let target = try await FuzzTargets.named(name)
            var loop = FuzzLoop(target: target, seed: options.seed)
            CrashReport.install(target: target.name, seed: options.seed)
            loop.witness = CrashReport.note
            let report = try loop.run(from: options.from, count: options.count)
            print(report)
        }
    }
}

struct Options {
    var target = "all"
    var count = 10_000
    var seed: UInt64 = 1
    /// The number of the first input: with a count of 1, one input once more.
    var from = 0

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw FuzzFailure("\(name) needs a value") }
            switch name {
            case "--target": target = value
            case "--count": count = try Self.number(value, name)
            case "--seed": seed = UInt64(try Self.number(value, name))
            case "--from": from = try Self.number(value, name)
            default:
                throw FuzzFailure(
                    "there is no option \(name): --target \(FuzzTargets.names.joined(separator: "|"))|all, --count, --seed, --from")
            }
        }
    }

    private static func number(_ text: String, _ name: String) throws -> Int {
        guard let number = Int(text), number >= 0 else { throw FuzzFailure("\(name) takes a number, not '\(text)'") }
        return number
    }
}

/// A property that did not hold, or a limit that was passed.
struct FuzzFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
