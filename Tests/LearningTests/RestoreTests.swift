import Foundation
import Learning
import Testing

struct RestoreTests {
    static let fingerprint = Digest128(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

    /// Five is inside the warm-up of every running scale.
    @Test(arguments: PredictionTask.allCases, [0, 5, 700])
    func `A learner restored from pages and globals in mid-stream goes on to the same bits`(task: PredictionTask, cut: Int) throws {
        let batch = ExampleBatch(TestEvent.stream(task, count: 1_200, seed: 31))
        var whole = Learner(LearnerSpecification(task: task, bits: 13))
        for row in 0..<cut { whole.learn(row, of: batch) }
        let globals = try JSONDecoder().decode(LearnerGlobals.self, from: JSONEncoder().encode(whole.globals))
        #expect(globals == whole.globals)

        var restored = Learner(whole.specification)
        for row in 0..<100 { restored.learn(row, of: batch) }
        restored.reset()
        restored.restore(globals)
        for page in 0..<whole.pageCount { try restored.load(page: page, from: whole.page(page)) }
        #expect(restored.takeDirtyPages().isEmpty)
        #expect(restored.digest(fingerprint: Self.fingerprint) == whole.digest(fingerprint: Self.fingerprint))

        for row in cut..<batch.count {
            #expect(whole.learn(row, of: batch).bitPattern == restored.learn(row, of: batch).bitPattern)
        }
        #expect(restored.digest(fingerprint: Self.fingerprint) == whole.digest(fingerprint: Self.fingerprint))
    }

    @Test func `A reset learner learns the same bits as a new one`() {
        let batch = ExampleBatch(TestEvent.stream(.binary, count: 300, seed: 32))
        var learner = Learner(LearnerSpecification(task: .binary, bits: 8))
        let fresh = learner.digest(fingerprint: Self.fingerprint)
        for row in 0..<batch.count { learner.learn(row, of: batch) }
        let first = learner.digest(fingerprint: Self.fingerprint)
        learner.reset()
        #expect(learner.digest(fingerprint: Self.fingerprint) == fresh)
        for row in 0..<batch.count { learner.learn(row, of: batch) }
        #expect(learner.digest(fingerprint: Self.fingerprint) == first)
    }

    @Test func `The prediction that learning returns is the one made before it`() {
        let batch = ExampleBatch(TestEvent.stream(.regression, count: 300, seed: 33))
        var learner = Learner(LearnerSpecification(task: .regression, bits: 8))
        for row in 0..<batch.count {
            let before = learner.prediction(of: row, in: batch)
            #expect(learner.learn(row, of: batch).bitPattern == before.bitPattern)
        }
    }

    /// A change of these words means that checkpoints written by earlier builds no longer match their digests, or that the same events no
    /// longer lead to the same model: say so in the release notes.
    @Test(arguments: [(PredictionTask.binary, "750dba5f88ba7d7ef5e479dbc981968b"), (.regression, "94ae989e6119b4bd9301b1ca442bac45")])
    func `The digest after a fixed stream is the one it always was`(task: PredictionTask, expected: String) {
        var learner = Learner(LearnerSpecification(task: task, bits: 6))
        for index in 0..<500 {
            let features: [(slot: UInt32, value: Float)] = [
                (UInt32(index * 7 % 50), 1), (UInt32(index * index % 11), 1), (60, 1_000 + 3.5 * Float(index % 13)),
            ]
            let label = task == .binary ? Float(index * index % 3) : 300 + Float(index * 7 % 50)
            learner.learn(0, of: ExampleBatch([TestEvent(features: features, label: label, weight: Float(1 + index % 3))]))
        }
        #expect(learner.digest(fingerprint: Self.fingerprint).description == expected)
    }

    @Test func `The digest depends on fingerprint, globals and every page`() throws {
        var learner = Learner(LearnerSpecification(task: .binary, bits: 13))
        let empty = learner.digest(fingerprint: Self.fingerprint)
        #expect(learner.digest(fingerprint: Digest128(high: 1, low: 0)) != empty)

        var bytes = learner.page(1)
        bytes[bytes.count - 8] = 1
        try learner.load(page: 1, from: bytes)
        #expect(learner.digest(fingerprint: Self.fingerprint) != empty)

        learner.reset()
        learner.learn(0, of: ExampleBatch([TestEvent(features: [], label: 1)]))
        #expect(learner.digest(fingerprint: Self.fingerprint) != empty)
    }

    @Test(arguments: [
        #""interceptN":-1"#, #""weightMean":0"#, #""label":[9,0,-1]"#, #""label":[-1]"#, #""label":[99999999,0,1]"#,
        #""numbers":[{"slot":1,"scale":[1,5]},{"slot":1,"scale":[1,5]}]"#, #""examples":-1"#,
    ])
    func `Globals that no learner writes are refused`(wrong: String) throws {
        let good = [
            #""lanes":1"#, #""examples":1"#, #""clippedValues":0"#, #""clippedWeights":0"#, #""clippedLabels":0"#, #""limitedUpdates":0"#,
            #""interceptZ":0.5"#, #""interceptN":0.25"#, #""weightMean":1"#, #""label":[0]"#, #""numbers":[]"#,
        ]
        func decode(_ members: [String]) throws -> LearnerGlobals {
            try JSONDecoder().decode(LearnerGlobals.self, from: Data("{\(members.joined(separator: ","))}".utf8))
        }
        let key = wrong.prefix { $0 != ":" }
        #expect(throws: Never.self) { try decode(good) }
        #expect(throws: DecodingError.self) { try decode(good.filter { !$0.hasPrefix(key) } + [wrong]) }
    }
}
