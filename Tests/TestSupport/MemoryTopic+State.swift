import Checkpointing

extension MemoryTopic.State {
    /// The end that readers are told: the first offset that is not decided.
    var stableEnd: Int64 {
        guard openCount > 0, !faults.showsOpen else { return end }
        return records.first { $0.fate == .open }?.offset ?? end
    }

    var low: Int64 { 0 }

    /// At most `limit` records from an offset on, and the offset to read on from.
    func visible(from offset: Int64, limit: Int) -> (records: [LogRecord], next: Int64) {
        let stop = stableEnd
        var found: [LogRecord] = []
        for record in records[index(of: offset)...] {
            guard record.offset < stop else { break }
            guard isVisible(record.fate) else { continue }
            guard found.count < limit else { return (found, record.offset) }
            found.append(LogRecord(offset: record.offset, key: record.key, value: record.value))
        }
        return (found, max(stop, offset))
    }

    /// The first record at or past an offset.
    private func index(of offset: Int64) -> Int {
        var (low, high) = (0, records.count)
        while low < high {
            let middle = (low + high) / 2
            if records[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isVisible(_ fate: MemoryTopic.Fate) -> Bool {
        switch fate {
        case .committed: true
        case .aborted: faults.showsAborted
        case .open: faults.showsOpen
        case .marker: false
        }
    }

    func isShutOut(_ producer: Int) -> Bool { swept.contains(producer) || !faults.fencesNobody && fence != producer }

    // MARK: - Transactions

    mutating func newProducer() -> Int {
        fence += 1
        if !faults.keepsOpen, !faults.commitsForeign, !faults.fencesNobody { decide(.aborted) { _ in true } }
        return fence
    }

    mutating func append(_ entries: [LogEntry], producer: Int) -> [Int64] {
        entries.map { entry in
            if faults.appendsTwice { store(entry, producer: producer) }
            store(entry, producer: producer)
            return end - 1
        }
    }

    private mutating func store(_ entry: LogEntry, producer: Int) {
        records.append(MemoryTopic.Stored(offset: end, key: entry.key.bytes, value: entry.value, fate: .open, producer: producer))
        end += 1
        openCount += 1
        if faults.showsOpen { changes += 1 }
    }

    mutating func commit(_ producer: Int) {
        let takesForeign = faults.commitsForeign
        decide(.committed) { $0 == producer || takesForeign && $0 < producer }
    }

    mutating func abort(_ producer: Int) { decide(.aborted) { $0 == producer } }

    /// Ends the open transactions of some writers.
    mutating func decide(_ fate: MemoryTopic.Fate, of isMeant: (Int) -> Bool) {
        let open = openCount
        for index in records.indices where records[index].fate == .open && isMeant(records[index].producer) {
            records[index].fate = fate
            openCount -= 1
        }
        for (producer, events) in settingAside.sorted(by: { $0.key < $1.key }) where isMeant(producer) {
            if fate == .committed { setAside += events }
            settingAside[producer] = nil
        }
        guard openCount < open else { return }
        records.append(MemoryTopic.Stored(offset: end, key: [], value: nil, fate: .marker, producer: fence))
        end += 1
        changes += 1
    }

    mutating func sweep() {
        swept.formUnion(records.filter { $0.fate == .open }.map(\.producer))
        swept.formUnion(settingAside.keys)
        decide(.aborted) { _ in true }
    }

    mutating func deliverLate() {
        let late = lateCommits
        lateCommits = []
        for producer in late where !isShutOut(producer) { commit(producer) }
    }

    // MARK: - Cleaning

    private func isKept(_ fate: MemoryTopic.Fate) -> Bool { fate == .committed || fate == .aborted && faults.showsAborted }

    private var firstOpen: Int64 { openCount == 0 ? end : records.first { $0.fate == .open }?.offset ?? end }

    /// The cleaner does not look past the first open transaction either.
    private func lastOffsets() -> [[UInt8]: Int64] {
        var last: [[UInt8]: Int64] = [:]
        let end = firstOpen
        for record in records where record.offset < end && isKept(record.fate) { last[record.key] = record.offset }
        return last
    }

    mutating func compact(through limit: Int64) {
        let (limit, last) = (min(limit, firstOpen), lastOffsets())
        records = records.filter { record in
            record.offset >= limit || isKept(record.fate) && last[record.key] == record.offset
        }
        changes += 1
    }

    mutating func expireTombstones(through limit: Int64) {
        let limit = min(limit, firstOpen)
        var met: Set<[UInt8]> = []
        records = records.filter { record in
            let isFirst = met.insert(record.key).inserted
            return !isFirst || record.offset >= limit || record.value != nil || !isKept(record.fate)
        }
        changes += 1
    }
}
