public import Checkpointing
public import Events
public import Learning

/// What a slot of the model means: the learner's rule and the way events become features. It travels in every manifest, so a publisher needs
/// no configuration of features, and its fingerprint tells models apart whose slots must not be mixed.
public struct ModelSpecification: Codable, Equatable, Sendable {
    public var learner: LearnerSpecification
    public var events: EventSchema

    public init(learner: LearnerSpecification, events: EventSchema) {
        self.learner = learner
        self.events = events
    }

    /// The specification as JSON text with sorted keys; equal specifications have equal text.
    public func text() throws -> String { String(decoding: try RecordJSON.encode(self), as: UTF8.self) }

    public init(text: String) throws(CodecError) {
        self = try RecordJSON.decode(ModelSpecification.self, from: Array(text.utf8))
    }

    /// xxh3-128 of the text.
    public func fingerprint() throws -> Digest128 { Digest128(of: Array(try text().utf8)) }
}
