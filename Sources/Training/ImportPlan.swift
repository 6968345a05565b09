import Checkpointing

/// What a lane goes on with when a file's version is brought in, decided before anything is written.
struct ImportPlan: Equatable {
    let state: LaneState
    /// Whether it goes on at the positions in the file.
    let keepsPositions: Bool

    /// - Parameter start: where to go on; nil goes on at the file's positions.
    init(_ file: Manifest.Body, at place: ImportPlace, start: InputStart?) throws(ImportRefusal) {
        keepsPositions = start == nil
        if start == nil { try place.checkOrigin(of: file) }
        var state = file.state.imported(over: place.lane?.state, from: start.map(place.beginning))
        if start == nil { place.passOver(in: &state.inputs, but: file.state.inputs) }
        for input in state.inputs where !input.isHandedOver { try place.check(input, keepsPosition: start == nil) }
        self.state = state
    }
}

/// Where a file's version comes to: the lane as its log has it, the other lanes, and the input.
struct ImportPlace {
    var model: String
    var share: LaneShare
    /// The lane's newest version, if it has any.
    var lane: Manifest.Body?
    var others: [LaneSight]
    /// The partitions that are the lane's to read.
    var available: [AvailableInput]

    /// The beginning or the end of what the topic has.
    func beginning(_ start: InputStart) -> [InputPosition] {
        available.map { InputPosition(topic: $0.topic, partition: $0.partition, start: start == .latest ? $0.end : $0.low) }
    }

    /// The file has to tell what this lane has learnt, and what it tells must be nobody else's by now.
    func checkOrigin(of file: Manifest.Body) throws(ImportRefusal) {
        guard file.model == model else { throw .noPositions("it is a version of model '\(file.model)'") }
        guard let lane else {
            let back = file.state.inputs.first { $0.isHandedOver && found($0) != nil }
            if let back { throw .noPositions("it had let another lane have \(back.name), which is an input of this lane") }
            return
        }
        guard file.lane == lane.lane else {
            throw .noPositions("it is a version of lane \(file.lane), and lane \(lane.lane) has learnt other events")
        }
        if let input = lane.state.learntElsewhere(file.state.inputs) { throw .learntElsewhere(input.name, learnt: nil) }
    }

    /// What came after the file's version begins where the topic does: nothing of it counts as learnt, so nothing of it is lost.
    func passOver(in inputs: inout [InputPosition], but known: [InputPosition]) {
        let known = Set(known.map(\.place))
        for index in inputs.indices where !known.contains(inputs[index].place) && inputs[index].accounted == 0 {
            let low = found(inputs[index])?.low ?? 0
            guard inputs[index].next < low else { continue }
            (inputs[index].start, inputs[index].next) = (low, low)
        }
    }

    /// The lane has to be able to read on here, and nobody else may read it, or have read further.
    func check(_ input: InputPosition, keepsPosition: Bool) throws(ImportRefusal) {
        guard let found = found(input) else {
            throw .noPositions("\(input.name), which it had learnt up to offset \(input.next), is not an input of this lane")
        }
        guard found.low <= input.next, input.next <= found.end else {
            throw .noPositions(
                "it had learnt \(input.name) up to offset \(input.next), and the topic holds offsets \(found.low) to \(found.end)")
        }
        // For what the lane itself holds its own log accounts.
        let isHeld = lane?.state.inputs.contains { $0.place == input.place && !$0.isHandedOver } == true
        if !isHeld { try checkOthers(input, keepsPosition: keepsPosition) }
    }

    private func checkOthers(_ input: InputPosition, keepsPosition: Bool) throws(ImportRefusal) {
        // Where all lanes are lost nobody has taken the others yet, and nobody waits for it.
        guard !share.mayBeClaimed(input.partition, others.filter { $0.counted != nil }) else { throw .notLetGoOf(input.name, by: nil) }
        switch Handover(topic: input.topic, partition: input.partition, in: others.compactMap(\.newest)) {
        case .never: return
        case .held(let lane): throw .notLetGoOf(input.name, by: lane)
        case .handedOver(let lane, _, let position, _):
            guard keepsPosition, position.next > input.next else { return }
            throw .learntElsewhere(input.name, learnt: .init(lane: lane, from: input.next, to: position.next))
        }
    }

    private func found(_ input: InputPosition) -> AvailableInput? {
        available.first { $0.topic == input.topic && $0.partition == input.partition }
    }
}

extension InputPosition {
    fileprivate var name: String { "\(topic)[\(partition)]" }
}
