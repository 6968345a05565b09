/// How much a writer puts into one transaction and into one record.
public struct WriteLimits: Sendable {
    /// Bytes of pages in one transaction: a reader's stable offset must keep moving.
    public var transactionBytes = 16 << 20
    /// Bytes of a manifest in one record. Readers take no part that is larger than `ManifestParts.bytesPerPart`, and no more of them than
    /// make up the largest manifest.
    public var partBytes = ManifestParts.bytesPerPart

    public init() {}
}
