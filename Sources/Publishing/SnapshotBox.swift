import Learning
import Synchronization

/// Holds what is served. One task replaces it, every request reads it without waiting.
///
/// The mutex is held for a copy of a reference, never while a model is built or a prediction made, so a reader cannot see half of one
/// snapshot and half of another: it holds the old one until it is done with it, or the new one.
public final class SnapshotBox: Sendable {
    private struct State {
        var served: ServedModel?
        var notice: String?
        var versions: [VersionRow] = []
        var history: [QualityPoint] = []
    }

    private let state = Mutex(State())
    private let historyLimit: Int

    /// - Parameter historyLimit: how many points of quality are kept for the status page.
    public init(historyLimit: Int = 240) {
        self.historyLimit = historyLimit
    }

    /// What is served now; nil until the first snapshot passed the gate.
    public var current: Snapshot? { served?.snapshot }

    /// The retained versions, newest first, with the served one marked.
    public var versions: [VersionRow] {
        state.withLock { state in
            // With several lanes one number a lane.
            let served = (state.served?.version ?? "").split(separator: ".").map(String.init)
            return state.versions.map { row in
                var row = row
                row.served = row.lane < served.count && row.version == served[row.lane]
                return row
            }
        }
    }

    /// Serves another snapshot from the next request on.
    public func replace(with snapshot: Snapshot) {
        let next = ServedModel(snapshot, after: served)
        state.withLock { state in
            state.served = next
            state.notice = nil
            if let window = snapshot.window, state.history.last?.version != next.version {
                state.history.append(QualityPoint(version: next.version, inputWatermark: snapshot.inputWatermark, window: window))
                state.history.removeFirst(max(0, state.history.count - historyLimit))
            }
        }
    }

    /// The trainer's gate changed while the version did not.
    public func update(gate: GateView) {
        state.withLock { state in
            guard let served = state.served, served.snapshot.gate != gate else { return }
            var snapshot = served.snapshot
            snapshot.gate = gate
            state.served = ServedModel(snapshot, after: served)
        }
    }

    /// The ladder of retained versions changed.
    /// - Parameter rows: newest first; `served` is filled in here.
    public func update(versions rows: [VersionRow]) {
        state.withLock { $0.versions = rows }
    }

    /// A sentence for people about why the newest version is not the served one, such as a refusal; nil when there is nothing to say.
    /// The next snapshot clears it.
    public func update(notice: String?) {
        state.withLock { $0.notice = notice }
    }

    var served: ServedModel? { state.withLock { $0.served } }
    var notice: String? { state.withLock { $0.notice } }
    var history: [QualityPoint] { state.withLock { $0.history } }
}
