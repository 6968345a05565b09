import Events
import Learning
import Training

/// One who reads a topic from beginning to end and never sees the ranges set aside: a plain learner without engine, inspector or versions.
struct Oracle: ~Copyable {
    /// Where one can be taken up.
    struct Base: Sendable {
        let position: Int
        let globals: LearnerGlobals
        let pages: [Int: [UInt8]]
    }

    private var learner: Learner
    private let decoder: EventDecoder
    private let fingerprint: Digest128
    private var batch = ExampleBatch()
    /// The next offset.
    private(set) var position: Int

    init(_ settings: EngineSettings) {
        learner = Learner(settings.model.learner)
        (decoder, fingerprint, position) = (settings.decoder(), settings.fingerprint, 0)
    }

    init(_ settings: EngineSettings, from base: Base) throws(LearningError) {
        var learner = Learner(settings.model.learner)
        for (index, slots) in base.pages { try learner.load(page: index, from: slots) }
        learner.restore(base.globals)
        self.learner = learner
        (decoder, fingerprint, position) = (settings.decoder(), settings.fingerprint, base.position)
    }

    mutating func read(_ topic: Topic, to end: Int, without skips: [Range<Int64>] = []) {
        while position < end {
            let offset = position
            position += 1
            guard let value = topic.value(at: offset), !skips.contains(where: { $0.contains(Int64(offset)) }) else { continue }
            if decoder.decode(value, alone: &batch) { learner.learn(0, of: batch) }
        }
    }

    var digest: Digest128 { learner.digest(fingerprint: fingerprint) }

    var base: Base {
        var pages: [Int: [UInt8]] = [:]
        for index in 0..<learner.pageCount { pages[index] = learner.page(index) }
        return Base(position: position, globals: learner.globals, pages: pages)
    }
}

extension EventDecoder {
    /// Makes an event the only row of a batch; false if it is no example.
    fileprivate func decode(_ value: ArraySlice<UInt8>, alone batch: inout ExampleBatch) -> Bool {
        batch.removeAll()
        let rejection = unsafe value.withUnsafeBytes {
            unsafe decode($0, purpose: .learning, fallbackTime: 0, into: &batch)
        }
        return rejection == nil
    }
}
