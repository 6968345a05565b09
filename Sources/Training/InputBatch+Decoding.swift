import Checkpointing
package import Events
import Learning

extension InputBatch {
    /// Decodes a record of the only input and appends it, as `KafkaInput` does with one of a broker's: for whoever has the bytes at hand.
    ///
    /// - Parameters:
    ///   - value: nil for the null value.
    ///   - decoder: the one that fills the whole batch.
    /// - Returns: whether the record is an example.
    package mutating func append(_ value: ArraySlice<UInt8>?, offset: Int64, topic: String, by decoder: EventDecoder) -> Bool {
        var digest = Digest128(high: 0, low: 0)
        var rejection: Rejection? = Rejection(reason: .nullValue, detail: "the record has no value")
        if let value {
            digest = unsafe value.withUnsafeBytes { unsafe Digest128(of: $0) }
            rejection = unsafe value.withUnsafeBytes {
                unsafe decoder.decode($0, purpose: .learning, fallbackTime: 0, into: &examples)
            }
        }
        guard let rejection else {
            records.append(
                Record(
                    input: 0, offset: offset, checksum: digest.low, content: .example(row: examples.count - 1),
                    identity: decoder.lastEventIdentity))
            return true
        }
        records.append(
            Record(input: 0, offset: offset, checksum: digest.low, content: .rejected(index: rejected.count), identity: nil))
        reasons.append(rejection.reason)
        rejected.append(
            QuarantinedEvent(
                topic: topic, partition: 0, offset: offset, timestamp: 0, reason: rejection.reason.rawValue, detail: rejection.detail,
                key: nil, value: value.map { Array($0) }, originalLength: value?.count ?? 0, digest: digest.description))
        return false
    }
}
