import Learning
import Testing

struct PageTests {
    @Test(arguments: [(4, 1, 128), (11, 1, 16_384), (12, 1, 32_768), (14, 4, 32_768)])
    func `A model has pages of 4,096 slots, or one smaller page`(bits: Int, pages: Int, bytes: Int) {
        let learner = Learner(LearnerSpecification(task: .binary, bits: bits))
        #expect(learner.pageCount == pages)
        for page in 0..<pages { #expect(learner.page(page).count == bytes) }
    }

    @Test func `Every page comes back from its bytes, in the right place`() throws {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 14))
        for slot in stride(from: UInt32(0), to: 16_384, by: 97) {
            learner.learn(0, of: ExampleBatch([TestEvent(features: [(slot, 1)], label: Float(slot % 2))]))
        }
        var copy = Learner(learner.specification)
        for page in (0..<4).reversed() { try copy.load(page: page, from: learner.page(page)) }
        for page in 0..<4 { #expect(copy.page(page) == learner.page(page)) }
    }

    @Test func `Slots are z and n as little-endian Floats`() throws {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 4))
        learner.learn(0, of: ExampleBatch([TestEvent(features: [(2, 1)], label: 1)]))
        // z = −0.5 and n = 0.25: the first gradient is 0.5 − 1.
        #expect(learner.page(0)[16..<24] == [0, 0, 0, 0xBF, 0, 0, 0x80, 0x3E])
        #expect(learner.page(0)[..<16].allSatisfy { $0 == 0 })
    }

    @Test func `Dirty pages are reported once, ascending, and only those that changed`() throws {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 15))
        #expect(learner.takeDirtyPages().isEmpty)
        learner.learn(0, of: ExampleBatch([TestEvent(features: [(28_700, 1), (5, 1), (8_191, 1)], label: 1)]))
        #expect(learner.takeDirtyPages() == [0, 1, 7])
        #expect(learner.takeDirtyPages().isEmpty)
        learner.learn(0, of: ExampleBatch([TestEvent(features: [(4_096, 1), (9_000, 0)], label: 1)]))
        #expect(learner.takeDirtyPages() == [1])
        try learner.load(page: 3, from: learner.page(3))
        _ = learner.prediction(of: 0, in: ExampleBatch([TestEvent(features: [(20_000, 1)], label: 0)]))
        #expect(learner.takeDirtyPages().isEmpty)
        learner.learn(0, of: ExampleBatch([TestEvent(features: [(20_000, 1)], label: 1)]))
        learner.reset()
        #expect(learner.takeDirtyPages().isEmpty)
    }

    @Test(arguments: [0, 1, 127, 129, 32_768])
    func `A page of the wrong size is refused and changes nothing`(size: Int) {
        var learner = Self.smallLearner()
        let before = learner.page(0)
        let code = #expect(throws: LearningError.self) { try learner.load(page: 0, from: [UInt8](repeating: 0, count: size)) }?.code
        #expect(code == .pageSizeWrong)
        #expect(learner.page(0) == before)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, -1, -0.0])
    func `A page with a number that no learner writes is refused and changes nothing`(number: Float) {
        var learner = Self.smallLearner()
        let before = learner.page(0)
        var bytes = [UInt8](repeating: 0, count: 128)
        for byte in 0..<4 { bytes[124 + byte] = UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32(byte))) }
        let error = #expect(throws: LearningError.self) { try learner.load(page: 0, from: bytes) }
        #expect(error?.code == .pageNotFinite)
        #expect(error?.message.contains("slot 15 of page 0") == true)
        #expect(learner.page(0) == before)
    }

    @Test(arguments: [-1, 1, .max])
    func `A page that the model does not have is refused`(index: Int) {
        var learner = Self.smallLearner()
        let code = #expect(throws: LearningError.self) { try learner.load(page: index, from: learner.page(0)) }?.code
        #expect(code == .pageUnknown)
    }

    private static func smallLearner() -> Learner {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 4))
        learner.learn(0, of: ExampleBatch([TestEvent(features: [(1, 1), (15, 1)], label: 1)]))
        return learner
    }
}
