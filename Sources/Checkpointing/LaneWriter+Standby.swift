/// Standing by: the log is followed before it is taken, so that whoever takes it has everything in memory.
extension LaneWriter {
    /// Reads on, waiting at most `wait` for news, and keeps the slots of the newest version. Writes nothing and fences nobody.
    ///
    /// Holds one version's slots, and those of the pages that have come after it.
    public func standBy(wait: Duration) async throws(LogFailure) {
        if isRead { try await follow(wait: wait) } else { try await readOn() }
        guard let newest = view.newest?.manifest, newest.id != warm else { return }
        if view.slots(of: newest) == nil, let slots = try await slots(of: newest) { view.keep(slots, of: newest) }
        view.keepsSlots = true
        view.dropSlots(but: newest)
        warm = newest.id
    }

    private func follow(wait: Duration) async throws(LogFailure) {
        let box = ViewBox(view)
        end = try await log.follow(from: end, wait: wait) { box.apply($0) }
        view = box.view
    }

    /// An owner's slots are the learner's.
    func forgetWarmth() {
        view.keepsSlots = false
        view.dropSlots(but: nil)
        warm = nil
    }
}
