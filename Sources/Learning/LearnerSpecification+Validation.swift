extension LearnerSpecification {
    /// Refuses what no learner can be made of, naming the parameter and its range.
    public func validate() throws(LearningError) {
        try require((4...28).contains(bits), "bits", "\(bits)", "a whole number from 4 to 28")
        try require(ftrl.alpha.isFinite && ftrl.alpha > 0, "alpha", "\(ftrl.alpha)", "a number above 0")
        try require(ftrl.beta.isFinite && ftrl.beta > 0, "beta", "\(ftrl.beta)", "a number above 0")
        try require(ftrl.lambda1.isFinite && ftrl.lambda1 >= 0, "lambda1", "\(ftrl.lambda1)", "0 or a number above it")
        try require(ftrl.lambda2.isFinite && ftrl.lambda2 >= 0, "lambda2", "\(ftrl.lambda2)", "0 or a number above it")
        try require(influence.isFinite && influence > 0, "influence", "\(influence)", "a number above 0")
    }

    private func require(_ holds: Bool, _ name: String, _ found: String, _ wanted: String) throws(LearningError) {
        guard !holds else { return }
        throw LearningError(.specificationInvalid, "the learner's \(name) is \(found); set it to \(wanted)")
    }

    /// Pages of a learner: 4,096 slots each, or all of them when there are fewer.
    public var pageCount: Int { max(1, slotCount / Learner.slotsPerPage) }

    /// Bytes of a page's slots.
    public var pageBytes: Int { slotsInPage * 8 }

    var slotCount: Int { 1 << bits }
    var slotsInPage: Int { min(slotCount, Learner.slotsPerPage) }
}
