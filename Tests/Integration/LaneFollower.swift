import Checkpointing
import Inspection
import Kafka
import Learning
import TestSupport

/// What a version in a lane's log says of itself, as far as the tests read it.
struct WrittenVersion: CustomStringConvertible {
    let version: UInt64
    let epoch: UInt64
    let learnt: Int
    let quarantined: Int
    let skipped: Int
    let gaps: Int
    let inputs: Int
    /// Records between the model's starts and its positions.
    let taken: Int
    let digest: String
    /// The kinds of the causes it is frozen for.
    let causes: [String]
    /// The version that a rollback brought back with this one.
    let restores: UInt64?

    init(_ manifest: Manifest.Body) {
        let (state, counts) = (manifest.state, manifest.state.counts)
        (version, epoch) = (manifest.version, manifest.epoch)
        (learnt, quarantined) = (Int(counts.learnt), Int(counts.quarantined))
        (skipped, gaps) = (Int(counts.skipped), Int(counts.gaps))
        inputs = state.inputs.count
        taken = state.inputs.reduce(0) { $0 + Int($1.next - $1.start) }
        digest = manifest.modelDigest.description
        causes = state.gate.causes.map(\.kind.rawValue)
        restores = manifest.restores
    }

    var accounted: Int { learnt + quarantined + skipped + gaps }
    var isFrozen: Bool { !causes.isEmpty }

    var description: String {
        "version \(version): \(learnt) learnt, \(quarantined) quarantined, \(skipped) skipped, \(gaps) gaps, frozen for \(causes)"
    }
}

/// Reads a lane on and on: the quick way to see how far a trainer has come.
actor LaneFollower {
    private let model: Model
    private let lane: Int
    private let reader: LaneReader
    private var last: WrittenVersion?

    init(_ model: Model, lane: Int) {
        self.model = model
        self.lane = lane
        let log = KafkaLog(
            KafkaLog.Configuration(
                partition: TopicPartition(topic: "\(model.name).checkpoint", partition: Int32(lane)), group: model.name,
                transactionalID: "", properties: model.bench.properties), logger: quiet)
        reader = LaneReader(log: log)
    }

    /// The newest version; nil while there is none. One that is older than the one before, or another of its number, is a failure.
    func newest() async throws -> WrittenVersion? {
        _ = try await reader.newestCleared(wait: .milliseconds(20))
        guard let newest = try await reader.newest().map({ WrittenVersion($0.body) }) else { return last }
        if let last, newest.version < last.version || newest.version == last.version && newest.digest != last.digest {
            throw TestFailure("lane \(lane) of \(model.name) went back from \(last) to \(newest)")
        }
        guard newest.accounted == newest.taken else {
            throw TestFailure("lane \(lane) accounts for \(newest.taken) records with \(newest)")
        }
        last = newest
        return newest
    }

    /// Waits for a version that satisfies the condition, and gives it back.
    @discardableResult
    func version(_ what: String, where isWanted: (WrittenVersion) -> Bool) async throws -> WrittenVersion {
        do {
            return try await model.bench.eventually(what) { try await newest().flatMap { isWanted($0) ? $0 : nil } }
        } catch let failure as TestFailure {
            throw TestFailure("\(failure.description); lane \(lane) of \(model.name) has \(last?.description ?? "no version")")
        }
    }

    /// Waits until so many events were learnt in a version.
    @discardableResult
    func learned(_ count: Int) async throws -> WrittenVersion {
        try await version("a version with \(count) events") { $0.learnt >= count }
    }

    /// Waits until a version accounts for so many records, learnt or not.
    @discardableResult
    func accounted(_ count: Int) async throws -> WrittenVersion {
        try await version("a version that accounts for \(count) records") { $0.accounted >= count }
    }

    func close() async { await reader.close() }
}
