public import Learning

/// Why a file is not imported. The lane is as it was.
public enum ImportRefusal: Error, Equatable, Sendable {
    /// The file's slots mean something else than this model's.
    case otherConfiguration(file: Digest128, model: Digest128)
    /// The file's learner does not have the digest that its manifest tells.
    case damaged(String)
    /// The input cannot be gone on with at the file's positions.
    case noPositions(String)
    /// Another lane has learnt, or will, what the file's version has learnt of this input, or would learn.
    case learntElsewhere(String, learnt: Learnt?)
    /// The input is this lane's share, and another lane still reads it, or may be about to.
    case notLetGoOf(String, by: UInt16?)

    /// What a lane has learnt of an input beyond the file's position.
    public struct Learnt: Equatable, Sendable {
        public var lane: UInt16
        public var from: Int64
        public var to: Int64
    }
}

extension ImportRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .otherConfiguration(let file, let model):
            "the file holds a model of another configuration (fingerprint \(file), this one is \(model)): bits, task, features or learner "
                + "differ. Import it with the configuration it was trained by, or under another model name"
        case .damaged(let what): "the file's model is not what its manifest says: \(what)"
        case .noPositions(let why):
            "the model cannot go on at the positions in the file: \(why). Say where it is to go on: --start earliest, or --start latest"
        case .learntElsewhere(let input, let learnt):
            "the model cannot go on at the positions in the file: \(Self.twice(input, learnt)). Import a version that was exported after "
                + "\(input) came to this lane, or say where to go on: --start earliest, or --start latest"
        case .notLetGoOf(let input, let lane):
            "\(input) is an input of this lane, but \(lane.map { "lane \($0) still reads it" } ?? "one who counts fewer lanes may still read it"): "
                + "start the trainers, wait until freshet lanes shows that it was handed over, stop them, and import again"
        }
    }

    private static func twice(_ input: String, _ learnt: Learnt?) -> String {
        guard let learnt else {
            return "its version has learnt events of \(input) that another lane has taken over since: they would be learnt twice"
        }
        return "lane \(learnt.lane) has learnt offsets \(learnt.from) to \(learnt.to - 1) of \(input), which would be learnt twice"
    }
}
