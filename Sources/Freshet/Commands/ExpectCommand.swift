import Training
import ArgumentParser

struct ExpectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expect", abstract: "Announces a planned change: for a while detectors alert where they would freeze.",
        discussion: """
            It is over by the events' own time. Detectors that the change has raised by then take it for the usual. Records that are no \
            examples, and labels that are all the same, freeze as ever.
            """)
    @OptionGroup var options: ControlOptions
    @Option(name: .customLong("for"), help: "For how long of the events' own time, as in 2h; 0s takes the announcement back.")
    var time: String

    private static let longest = Duration.seconds(7 * 86_400)

    private var duration: Duration? { Durations.parse(time).flatMap { $0 <= Self.longest ? $0 : nil } }

    func validate() throws {
        guard duration != nil else { throw ValidationError("--for takes a duration of 7d at most, such as 2h, not '\(time)'") }
    }

    func run() async throws { try await options.order(.expect, duration: duration) }
}
