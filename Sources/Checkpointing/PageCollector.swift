import Learning
import Synchronization

/// Gathers the slots of one version's pages while the log is read.
final class PageCollector: Sendable {
    private let wanted: [UInt32: Digest128]
    private let found = Mutex<[Int: [UInt8]]>([:])

    init(_ manifest: Manifest) {
        wanted = Dictionary(manifest.pages.map { ($0.index, $0.digest) }) { first, _ in first }
    }

    /// Whichever copy of a page has its digest is the page.
    func take(_ records: [LogRecord]) {
        for record in records {
            guard case .page(let page) = RecordKey(record.key), let digest = wanted[page.index], let value = record.value,
                let decoded = try? PageRecord(decoding: value), decoded.index == page.index, decoded.digest == digest
            else { continue }
            found.withLock { $0[Int(page.index)] = decoded.slots }
        }
    }

    /// All of them, or nil when one is missing or damaged.
    var slots: [Int: [UInt8]]? {
        found.withLock { $0.count == wanted.count ? $0 : nil }
    }
}

/// Folds records into a view from the log's own thread.
final class ViewBox: Sendable {
    private let folded: Mutex<LaneView>

    init(_ view: LaneView) { folded = Mutex(view) }

    var view: LaneView { folded.withLock { $0 } }

    func apply(_ records: [LogRecord]) {
        folded.withLock { view in
            for record in records { view.apply(record) }
        }
    }
}
