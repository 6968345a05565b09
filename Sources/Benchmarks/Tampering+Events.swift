import Learning

/// What each kind of fault does to an event that is hit. A kind that is not of the group leaves the event alone.
extension Tampering {
    /// How many events a delayed label comes too late.
    private static let delay = 50
    /// A mixed-up label is that of one of so many events before.
    private static let mixed = 5_000
    private static let day: Int64 = 86_400_000
    private static let newNames = 3

    // MARK: - Labels

    mutating func breakLabel(of event: inout EventText, _ index: Int) {
        switch kind {
        case .labelGone: event.parts["label"] = nil
        case .labelMistyped: event.parts["label"] = JSONValue.quoted("yes")
        case .labelsZero: event.parts["label"] = JSONValue.text(0)
        case .labelsOne: event.parts["label"] = JSONValue.text(1)
        case .labelsFlipped: event.parts["label"] = event.parts["label"].map(flipped)
        case .labelsDelayed: event.parts["label"] = label(of: max(0, index - Self.delay))
        case .labelsShuffled: event.parts["label"] = label(of: max(0, index - 1 - random.below(Self.mixed)))
        default: break
        }
    }

    private func label(of index: Int) -> [UInt8]? { JSONMembers(lines[index])?["label"] }

    private func flipped(_ label: [UInt8]) -> [UInt8] {
        guard let number = JSONValue.number(label) else { return Array((label == Array("true".utf8) ? "false" : "true").utf8) }
        return shape.task == .binary ? JSONValue.text(number == 0 ? 1 : 0) : JSONValue.text(-number)
    }

    // MARK: - Fields

    mutating func breakFields(of event: inout EventText, _ index: Int) {
        switch kind {
        case .fieldGone, .sourceFieldGone: for name in targets { event.fields[name] = nil }
        case .allFieldsGone: event.fields.members = []
        case .fieldRetyped: for name in targets { event.fields[name] = event.fields[name].map(retyped) }
        case .fieldRenamed: rename(targets, in: &event)
        case .newFields:
            for _ in 0..<Self.newNames { event.fields["f\(random.next() % 1_000_000_007)"] = JSONValue.text(1 + random.below(9)) }
        case .columnsSwapped, .columnsRotated: rotate(targets, in: &event)
        case .stuckField: for name in targets { event.fields[name] = first.fields[name] }
        case .stuckEvent:
            event.fields = first.fields
            event.parts["label"] = first.parts["label"]
        default: break
        }
    }

    private func retyped(_ value: [UInt8]) -> [UInt8] {
        JSONValue.isString(value) ? JSONValue.text(7) : JSONValue.quoted(String(decoding: value, as: UTF8.self))
    }

    private func rename(_ names: [String], in event: inout EventText) {
        for name in names {
            guard let position = event.fields.position(of: name) else { continue }
            event.fields.members[position].name += Array("_v2".utf8)
        }
    }

    /// Each field gets the value of the next one.
    private func rotate(_ names: [String], in event: inout EventText) {
        let values = names.map { event.fields[$0] }
        for (name, value) in zip(names, values.dropFirst() + values.prefix(1)) { event.fields[name] = value }
    }

    // MARK: - Values

    mutating func breakValues(of event: inout EventText) {
        switch kind {
        case .times1000, .allTimes1000, .sourceTimes1000: scale(&event, by: 1_000)
        case .timesThousandth, .allTimesThousandth: scale(&event, by: 0.001)
        case .signFlipped: scale(&event, by: -1)
        case .minusOne: for name in targets { event.fields[name] = JSONValue.text(-1) }
        case .code9999: for name in targets { event.fields[name] = JSONValue.text(9_999) }
        case .noise:
            for name in targets {
                guard let range = shape.ranges[name] else { continue }
                event.fields[name] = JSONValue.text(range.lowerBound + random.uniform() * (range.upperBound - range.lowerBound))
            }
        case .unseenCategories, .allUnseenCategories:
            for name in targets { event.fields[name] = event.fields[name].map { JSONValue.prefixed($0, by: "new-") } }
        case .cardinality: for name in targets { event.fields[name] = JSONValue.quoted(String(random.next(), radix: 16)) }
        default: break
        }
    }

    private func scale(_ event: inout EventText, by factor: Double) {
        for name in targets {
            guard let number = event.fields[name].flatMap(JSONValue.number), number != 0 else { continue }
            event.fields[name] = JSONValue.text(number * factor)
        }
    }

    // MARK: - Event times

    /// A day, or more than the fault lasts: a clock that is behind by less would be a mere pause of the stream.
    private var clockError: Int64 { max(Self.day, shape.meanStep * Int64(2 * Trial.rangeMost)) }

    func breakTime(of event: inout EventText) {
        guard let time = event.parts["ts"].flatMap(JSONValue.number).flatMap({ Int64(exactly: $0) }) else { return }
        switch kind {
        case .timeStuck: event.parts["ts"] = first.parts["ts"]
        case .clockAhead: event.parts["ts"] = JSONValue.text(Int(time + clockError))
        case .clockBehind: event.parts["ts"] = JSONValue.text(Int(time - clockError))
        case .seconds: event.parts["ts"] = JSONValue.text(Int(time / 1_000))
        default: break
        }
    }
}
