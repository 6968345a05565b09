import Kafka
import Supervision
import Training

/// The topics that a trainer's reports end in.
struct ReportTopics: Sendable {
    let settings: Settings
    let identity: ProcessIdentity
    let control: ControlTopic
    /// Nil where no audit is kept.
    let audit: Producer?

    /// Returns when the report was delivered.
    func send(_ report: Report) async throws {
        switch report {
        case .status(let lane, let document): try await send(document, lane: lane)
        case .answer(let answer): try await control.send(answer)
        case .audit(let value):
            _ = try await audit?.produce([OutgoingRecord(topic: settings.names.audit, key: Array(settings.model.utf8), value: value)])
        }
    }

    private func send(_ document: [UInt8]?, lane: UInt16) async throws {
        let (process, instance) = (ProcessStatus.Process.trainer.rawValue, ProcessStatus.instance(identity, lane: lane))
        guard let document else { return try await control.retire(status: process, instance: instance) }
        try await control.send(status: document, process: process, instance: instance)
    }
}
