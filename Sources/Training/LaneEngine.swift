public import Checkpointing
public import Inspection
public import Learning

/// One lane's model and everything that decides over it: a value driven by events, time and commands that are handed in, so that it can be
/// run without a broker and without a clock.
///
///     take (inspect, hold back) ──> learn ──> cut
///          │ alarm                              ▲
///          ▼                                    │
///        freeze ──> score only ──> resume ──────┘
///
/// `state` is the lane at its *learnt* position: what a version holds. The inspector runs ahead of it by the chunks in `pending`.
public struct LaneEngine: ~Copyable, Sendable {
    /// What the owner must do next.
    public enum Order: Equatable, Sendable {
        /// Damage may have been learnt: bring back the newest version that had inspected no more than `sequence` events, and tell the engine
        /// (`noteRollback`).
        case rollBack(before: UInt64)
        /// Read on from the learnt positions.
        case reassign
        /// Write a version now: the gate has changed.
        case write
        /// Tell people.
        case audit(GateTransition)
        case alert(Alarm)
    }

    /// Events that have been inspected and not learnt yet.
    struct Chunk: Sendable {
        var batch: InputBatch
        /// The inspector's number of the first event.
        var first: UInt64
        /// The inspector as it was when it had seen the last event of the chunk.
        var inspectorAfter: Inspector
    }

    public let specification: LearnerSpecification
    let policy: EnginePolicy
    public internal(set) var learner: Learner
    public internal(set) var state: LaneState
    /// The inspector at the inspected position.
    public internal(set) var inspector: Inspector
    var pending: [Chunk] = []
    var recent = RecentPositions()
    var identities = RecentIdentities()
    /// Where reading stands, per input.
    public internal(set) var inspected: [Int64]
    var quarantined: [QuarantinedEvent] = []
    var quarantinedBytes = 0
    /// What the model's watch has found since it was last asked.
    var modelAlarms: [Alarm] = []
    /// What the ledger sets aside past the learnt position, per input.
    var setAside: [[Range<Int64>]] = []
    var twins = Twins()
    var probation: Probation?
    /// Where the run of events began that may end the freeze.
    var cleanStart: [InputOffset]?
    /// The change points of causes whose rollback was ordered, by the causes' ids.
    var undoing: [String: UInt64] = [:]
    var arrivedSinceTick = 0
    /// Metrics of what was scored while frozen.
    public internal(set) var frozenMetrics: ProgressiveMetrics
    /// When the last event came, by the owner's monotonic clock, in seconds.
    var lastArrival: Double
    /// When the feed was last judged silent, by the same clock.
    var silentSince: Double
    public internal(set) var hasChanged = false
    /// The records of a training with an end that may still be taken.
    public var bound: EngineBound?

    public init(specification: LearnerSpecification, policy: EnginePolicy, inputs: [InputPosition], now: Double) {
        self.specification = specification
        self.policy = policy
        learner = Learner(specification)
        inspector = Inspector(configuration: policy.inspection, task: specification.task)
        state = LaneState(
            inputs: inputs, globals: learner.globals, metrics: WindowedMetrics(task: specification.task), inspector: inspector,
            stall: StallDetector(mode: policy.stall), gate: Gate())
        inspected = inputs.map(\.next)
        frozenMetrics = ProgressiveMetrics(task: specification.task)
        lastArrival = now
        silentSince = now
        setAside = inputs.map { _ in [] }
    }

    public var isFrozen: Bool { !state.gate.isLearning }

    /// Whether evidence against the stream or the model is above half of what an alarm takes.
    public var isSuspect: Bool { inspector.isSuspect || state.modelWatch?.isSuspect(policy.inspection) == true }

    /// How every detector of the stream and of the model stands.
    public var detectors: [DetectorStatus] {
        inspector.detectors + (state.modelWatch?.detectors(policy.inspection, inspector.profile, task: specification.task) ?? [])
    }

    /// The first event that is in doubt, as the inspector counts; nil when all is calm.
    public var doubtedFrom: UInt64? {
        [inspector.doubtedFrom, state.modelWatch?.doubtedFrom(policy.inspection)].compactMap(\.self).min()
    }

    /// Whether a training with an end has come to it. A frozen one has not: what it read past its learnt position is still to be decided.
    public var isFinished: Bool { !isFrozen && bound?.isReached == true }

    /// Inspected and not learnt.
    public var pendingCount: Int { pending.reduce(0) { $0 + $1.batch.records.count } }

    // MARK: - Events

    /// Inspects a batch, learns what may be learnt.
    public mutating func take(_ batch: consuming InputBatch, now: Double, wall: Int64) -> [Order] {
        var batch = batch
        dropTaken(&batch)
        if !isFrozen { bound?.truncate(&batch) }
        guard !batch.records.isEmpty || !batch.ends.isEmpty else { return recover() }
        if !batch.records.isEmpty {
            state.stall.arrived(count: batch.records.count, at: now)
            lastArrival = now
            arrivedSinceTick += batch.records.count
        }
        // What is over is gone on from first, and the batch is read again.
        if hasRecovered { return recover() }
        let first = inspector.sequence
        let alarms = inspect(batch)
        for end in batch.ends where !hasRecovered { inspected[end.input] = max(inspected[end.input], end.offset) }
        if isFrozen {
            score(batch)
            return orders(for: alarms, wall: wall)
        }
        pending.append(Chunk(batch: batch, first: first, inspectorAfter: inspector))
        let orders = orders(for: alarms, wall: wall)
        if !isFrozen { release() }
        return orders + judgeModel(wall: wall)
    }

    /// The input that is not what it was: at the offset of the last event taken lies another record.
    public func replacedInput(in batch: InputBatch) -> InputPosition? {
        for record in batch.records where record.offset < state.inputs[record.input].next {
            let input = state.inputs[record.input]
            if let last = input.last, last.offset == record.offset, last.checksum != Self.text(of: record.checksum) { return input }
        }
        return nil
    }

    static func text(of checksum: UInt64) -> String { WriterID(bits: checksum).description }

    /// A record below the position was taken before: it was delivered twice, or read again to see whether the topic is still the same.
    private func dropTaken(_ batch: inout InputBatch) {
        var positions = inspected
        batch.records.removeAll { record in
            guard record.offset >= positions[record.input] else { return true }
            positions[record.input] = record.offset + 1
            return false
        }
    }

    /// Shows every event to the inspector, in order, up to one that ends a freeze; those of a range set aside are passed over.
    private mutating func inspect(_ batch: borrowing InputBatch) -> [Alarm] {
        var alarms: [Alarm] = []
        for record in batch.records {
            inspected[record.input] = record.offset + 1
            if isSetAside(record) { continue }
            recent.append(input: record.input, offset: record.offset)
            switch record.content {
            case .example(let row):
                let isDuplicate = isRepeated(record)
                alarms += inspector.observe(row, of: batch.examples, isDuplicate: isDuplicate, input: record.input)
            case .rejected(let index): alarms += inspector.observe(rejected: batch.reasons[index])
            }
            if isFrozen || !alarms.isEmpty, recovers(by: record, of: batch, alarms) { break }
        }
        return alarms
    }

    private mutating func isRepeated(_ record: InputBatch.Record) -> Bool? {
        guard let identity = record.identity else { return nil }
        return identities.isRepeated(identity, at: .init(input: record.input, offset: record.offset))
    }

    func isSetAside(_ record: InputBatch.Record) -> Bool {
        setAside[record.input].contains { $0.contains(record.offset) }
    }

    /// Frozen: what the model would have said is measured, and nothing changes.
    private mutating func score(_ batch: borrowing InputBatch) {
        for record in batch.records where !isSetAside(record) {
            guard case .example(let row) = record.content else { continue }
            frozenMetrics.observe(
                prediction: learner.prediction(of: row, in: batch.examples), label: batch.examples.labels[row],
                weight: batch.examples.weights[row])
        }
    }

    // MARK: - Learning

    /// Learns the chunks no evidence is running against. A chunk under suspicion waits until a window of events is full behind it: by then
    /// gross corruption has shown itself.
    mutating func release() {
        var waiting = pendingCount
        let limit = inspector.isSuspect ? policy.inspection.window * 16 : policy.inspection.window
        while let first = pending.first {
            waiting -= first.batch.records.count
            guard isCalm(first) || waiting >= limit else { return }
            learn(pending.removeFirst())
            if modelAlarms.contains(where: { $0.action == .freeze }) { return }
        }
    }

    private func isCalm(_ chunk: Chunk) -> Bool {
        guard let hold = inspector.holdFrom else { return true }
        return chunk.inspectorAfter.sequence <= hold
    }

    /// Learns what is held back: the stream has ended, or has been quiet for long enough without suspicion.
    mutating func releaseAll() {
        for chunk in pending { learn(chunk) }
        pending = []
    }

    /// What the model's watch found while learning.
    mutating func judgeModel(wall: Int64) -> [Order] {
        guard !modelAlarms.isEmpty else { return [] }
        defer { modelAlarms = [] }
        return orders(for: modelAlarms, wall: wall)
    }

    private mutating func learn(_ chunk: consuming Chunk) {
        var number = chunk.first
        for record in chunk.batch.records {
            learn(record, of: chunk.batch, number: number)
            if !isSetAside(record) { number += 1 }
        }
        for end in chunk.batch.ends where state.inputs[end.input].next < end.offset {
            state.counts.gaps += UInt64(end.offset - state.inputs[end.input].next)
            state.inputs[end.input].next = end.offset
            hasChanged = true
        }
        state.inspector = chunk.inspectorAfter
        if !chunk.batch.records.isEmpty { hasChanged = true }
    }

    private mutating func learn(_ record: InputBatch.Record, of batch: borrowing InputBatch, number: UInt64) {
        let gap = record.offset - state.inputs[record.input].next
        if gap > 0 { state.counts.gaps += UInt64(gap) }
        if isSetAside(record) {
            state.counts.skipped += 1
        } else {
            switch record.content {
            case .example(let row): learn(row, of: batch.examples, number: number)
            case .rejected(let index): quarantine(batch.rejected[index], of: record.input)
            }
        }
        state.inputs[record.input].next = record.offset + 1
        state.inputs[record.input].last = .init(offset: record.offset, checksum: Self.text(of: record.checksum))
    }

    private mutating func learn(_ row: Int, of examples: borrowing ExampleBatch, number: UInt64) {
        noteNovelty(row, of: examples, number: number)
        let limited = learner.globals.limitedUpdates
        let prediction = learner.learn(row, of: examples)
        state.counts.learnt += 1
        watch(prediction, label: examples.labels[row], isLimited: learner.globals.limitedUpdates != limited, number: number)
        state.metrics.observe(prediction: prediction, label: examples.labels[row], weight: examples.weights[row])
        if let twin = twins.active {
            state.twin?.twinMetrics.observe(
                prediction: twin.prediction(of: row, in: examples), label: examples.labels[row], weight: examples.weights[row])
            state.twin?.learnerMetrics.observe(prediction: prediction, label: examples.labels[row], weight: examples.weights[row])
        }
        let time = examples.times[row]
        state.eventTimes = state.eventTimes.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
    }

    /// A category whose slot is empty was never learnt, or only with predictions so sure that nothing was left to learn.
    private mutating func noteNovelty(_ row: Int, of examples: borrowing ExampleBatch, number: UInt64) {
        startModelWatch()
        for feature in examples.features(of: row) {
            let slot = examples.slots[feature]
            guard !learner.isNumber(examples.values[feature], slot: slot),
                let field = inspector.profile.position(of: Int(examples.fields[feature]))
            else { continue }
            let alarm = state.modelWatch?.observe(
                isNovel: learner.isUnlearnt(slot), field: field, of: inspector.profile, at: number, decided: state.inspector.decided,
                configuration: policy.inspection)
            if let alarm { modelAlarms.append(alarm) }
        }
    }

    private mutating func startModelWatch() {
        if state.modelWatch == nil { state.modelWatch = ModelWatch(configuration: policy.inspection) }
    }

    private mutating func watch(_ prediction: Float, label: Float, isLimited: Bool, number: UInt64) {
        let alarms = state.modelWatch?.observe(
            prediction: prediction, label: label, isLimited: isLimited, task: specification.task, at: number,
            decided: state.inspector.decided, configuration: policy.inspection)
        if let alarms, !alarms.isEmpty { modelAlarms += alarms }
    }

    private mutating func quarantine(_ event: QuarantinedEvent, of input: Int) {
        state.counts.quarantined += 1
        state.counts.quarantinedByReason[event.reason, default: 0] += 1
        // Once for all time: a rollback that replays meets it again.
        guard event.offset >= state.inputs[input].quarantined ?? .min else { return }
        state.inputs[input].quarantined = event.offset + 1
        quarantined.append(event)
        quarantinedBytes += (event.value?.count ?? 0) + (event.key?.count ?? 0) + 256
    }

    /// A byte budget on what waits to be quarantined forces an early version.
    public var mustWrite: Bool { quarantinedBytes > policy.quarantineBytes }
}
