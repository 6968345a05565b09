import Learning
import Testing

@testable import Inspection

let usualFields = ["/price", "/country", "/age"]

/// An inspector that has seen `count` good events with random labels, and the batch they came from.
func calmInspector(
    _ configuration: InspectionConfiguration = InspectionConfiguration(), task: PredictionTask = .binary, events count: Int = 1000
) -> Inspector {
    var random = SeededGenerator(seed: 1)
    var inspector = Inspector(configuration: configuration, task: task)
    var builder = EventBuilder(fields: usualFields)
    for _ in 0..<count { builder.add(usualFields, label: random.happens(0.3) ? 1 : 0) }
    for row in 0..<count { #expect(inspector.observe(row, of: builder.batch) == []) }
    return inspector
}

/// Feeds events until the first alarm of the detector, at most `limit`.
func firstAlarm(
    _ inspector: inout Inspector, of detector: String, limit: Int = 10_000, event: (Int, inout EventBuilder) -> Void
) -> Alarm? {
    var builder = EventBuilder(fields: usualFields)
    for number in 0..<limit { event(number, &builder) }
    for row in 0..<limit {
        if let alarm = inspector.observe(row, of: builder.batch).first(where: { $0.detector == detector }) { return alarm }
    }
    return nil
}
