import Checkpointing
import Events
import Learning
import Logging

/// What becomes of a model of another configuration that has the lane.
public enum Succession: Sendable {
    /// It keeps the lane: the trainer ends with a sentence.
    case refuse
    /// A new model begins, as if the lane were empty. Numbers of versions go on upward; the old ones are marked undone and age out.
    case reset
    /// A new model begins with the slots of the old one, if they still mean the same.
    case warmStart
}

extension ModelSpecification {
    /// The settings that give a slot another meaning here than there; none if the slots of one are good for the other.
    func slotDifferences(from other: ModelSpecification) -> [String] {
        var differences: [String] = []
        func compare<Value: Equatable>(_ name: String, _ here: Value, _ there: Value) {
            if here != there { differences.append("\(name) (\(there), now \(here))") }
        }
        compare("learner.task", learner.task, other.learner.task)
        compare("learner.bits", learner.bits, other.learner.bits)
        compare("input.label", events.label, other.events.label)
        compare("features.fields", events.fields, other.events.fields)
        compare("features.seed", events.hashSeed, other.events.hashSeed)
        compare("features.numbers", events.numbers, other.events.numbers)
        for (path, field) in events.declared.sorted(by: { $0.key < $1.key }) {
            guard let old = other.events.declared[path] else { continue }
            compare("features.declared.\(path).type", field.type, old.type)
        }
        return differences
    }
}

extension LaneEngine {
    /// Begins with the slots of a model of another configuration.
    ///
    /// Kept: slots, learner globals, positions with their account, ledger, gate and commands. Begun anew: metrics, profile and detectors, twin.
    mutating func warmStart(from predecessor: RestoredVersion) throws(LearningError) {
        var version = predecessor
        var state = version.manifest.body.state
        state.metrics = WindowedMetrics(task: specification.task)
        state.inspector = self.state.inspector
        state.recent = []
        // Of other detectors.
        state.frozen?.ahead = nil
        state.twin = nil
        version.manifest.body.state = state
        try adopt(version, keepingDecisions: false)
        hasChanged = true
    }
}

extension LaneTrainer {
    /// Takes over what is to be kept of the model that had the lane before, if any had.
    func succeed() async throws {
        guard configuration.succession != .refuse, let predecessor = try await writer.restorePredecessor() else { return }
        let body = predecessor.manifest.body
        logger.notice(
            "Another configuration's model is succeeded",
            metadata: ["version": "\(body.version)", "fingerprint": "\(body.fingerprint)", "keeps": "\(configuration.succession)"])
        guard configuration.succession == .warmStart else { return }
        let differences = configuration.specification.slotDifferences(from: try ModelSpecification(text: body.specification))
        guard differences.isEmpty else {
            throw LogFailure(
                .permanent,
                "--warm-start cannot keep the slots, which mean something else now: \(differences.joined(separator: ", ")) changed. Begin without "
                    + "them: freshet train --reset")
        }
        try engine.warmStart(from: predecessor)
        inherited = Set(predecessor.slots.keys)
    }
}
