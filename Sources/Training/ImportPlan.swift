import Checkpointing
public import Learning

/// Where a model that comes from a file goes on, decided before anything is written.
enum ImportPlan: Equatable {
    /// At the positions in the file.
    case keep
    /// At the beginning or the end of what the topic has.
    case begin([InputPosition])

    init(_ file: Manifest.Body, model: String, start: InputStart?, available: [AvailableInput]) throws(ImportRefusal) {
        if let start {
            self = .begin(
                available.map { InputPosition(topic: $0.topic, partition: $0.partition, start: start == .latest ? $0.end : $0.low) })
            return
        }
        guard file.model == model else { throw .noPositions("it is a version of model '\(file.model)'") }
        for input in file.state.inputs {
            let place = "\(input.topic)[\(input.partition)]"
            let found = available.first { $0.topic == input.topic && $0.partition == input.partition }
            if input.isHandedOver {
                guard found == nil else { throw .noPositions("it had let another lane have \(place), which is an input of this lane") }
                continue
            }
            guard let found else {
                throw .noPositions("\(place), which it had learnt up to offset \(input.next), is not an input of this lane")
            }
            guard (found.low...found.end).contains(input.next) else {
                throw .noPositions(
                    "it had learnt \(place) up to offset \(input.next), and the topic holds offsets \(found.low) to \(found.end)")
            }
        }
        self = .keep
    }
}

/// Why a file is not imported. The lane is as it was.
public enum ImportRefusal: Error, Equatable, Sendable {
    /// The file's slots mean something else than this model's.
    case otherConfiguration(file: Digest128, model: Digest128)
    /// The file's learner does not have the digest that its manifest tells.
    case damaged(String)
    /// The input cannot be gone on with at the file's positions.
    case noPositions(String)
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
        }
    }
}
