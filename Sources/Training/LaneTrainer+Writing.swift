import Checkpointing
import Inspection
import Learning
import Logging

/// Versions and their clearance.
extension LaneTrainer {
    /// Starts to write a version unless one is on its way; learning goes on meanwhile.
    func write(now: Double) async {
        guard writing == nil else { return }
        lastVersionAt = now
        guard engine.hasChanged || wantsVersion || !pins.isEmpty else { return }
        let (cut, answers) = await prepare(pinned: false)
        writing = Task { await self.perform(cut, answers) }
    }

    /// Writes a version and waits for it.
    func writeNow(pinned: Bool) async throws {
        await writing?.value
        if let failure { throw failure }
        let (cut, answers) = await prepare(pinned: pinned)
        await perform(cut, answers)
        if let failure { throw failure }
    }

    private func prepare(pinned: Bool) async -> (Cut, [ControlAnswer]) {
        wantsVersion = false
        let scrub = await writer.scrubDue
        let expected = await writer.nextVersion
        if rolledBack == nil { engine.renewTwin(with: expected) }
        let rewriting = inherited.union(rolledBack.map { pagesToRewrite($0.to) } ?? [])
        inherited = []
        var cut = engine.cut(scrub: scrub, rewriting: rewriting, fingerprint: writer.identity.fingerprint)
        cut.expectedVersion = expected
        cut.restores = rolledBack?.to
        // Whoever is to be cleared has to be there by then, however long the hold-back is.
        cut.needed.formUnion(clearance.waiting + [clearable].compactMap { $0 })
        cut.pinned = pinned
        cut.pins = pins
        pins = [:]
        defer { answers = [] }
        return (cut, answers)
    }

    /// The pages of a version brought back that are not what the newest version has.
    private func pagesToRewrite(_ restored: Manifest) -> Set<Int> {
        let present = Dictionary((current?.pages ?? []).map { ($0.index, $0.digest) }) { $1 }
        return Set(restored.pages.filter { present[$0.index] != $0.digest }.map { Int($0.index) })
    }

    private func perform(_ cut: Cut, _ answers: [ControlAnswer]) async {
        let started = clock.monotonic()
        let inherits = cut.restores != nil && rolledBack?.wasCleared == true
        if cut.restores != nil { rolledBack = nil }
        watches.writes(writer.identity.lane, bytes: cut.pages.reduce(0) { $0 + $1.slots.count })
        do throws(LogFailure) {
            let manifest = try await writer.write(cut)
            current = manifest
            watches.wrote(writer.identity.lane)
            let version = manifest.body.version
            if let expected = cut.expectedVersion { engine.renumberTwin(expected, as: version) }
            if inherits {
                // A rollback inherits its target's clearance: it was judged long ago.
                try await writer.clear(version)
                cleared = version
            } else {
                clearance.written(version: version, inspectedThrough: cut.state.inspector.sequence, at: clock.monotonic())
            }
            await observer.wrote(manifest, seconds: clock.monotonic() - started)
            for var answer in answers {
                answer.version = version
                await observer.answer(answer)
            }
        } catch {
            failure = error
        }
        writing = nil
    }

    /// Clears what the hold-back has shown to be clean.
    func clear(now: Double) async throws {
        let judged = clearance.advance(
            inspected: engine.inspector.sequence, suspect: engine.isSuspect, evidence: engine.doubtedFrom,
            frozen: engine.state.gate.doubtsContent, changePoint: nil, at: now)
        clearable = judged ?? clearable
        // The log has one writer at a time: what was judged meanwhile waits for its turn.
        guard writing == nil, let version = clearable else { return }
        clearable = nil
        writing = Task {
            do throws(LogFailure) {
                if try await self.writer.clear(version) { self.cleared = max(self.cleared ?? 0, version) }
            } catch {
                self.failure = error
            }
            self.writing = nil
        }
    }
}
