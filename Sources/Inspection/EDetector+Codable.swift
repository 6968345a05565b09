/// A detector at rest is written as its band alone, so that a manifest with a thousand of them stays small.
extension EDetector: Codable {
    private enum CodingKeys: String, CodingKey {
        case tolerance, logThreshold, ratios, sums, starts, raisedFrom
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tolerance, forKey: .tolerance)
        try container.encode(logThreshold, forKey: .logThreshold)
        guard !isAtRest else { return }
        try container.encode(alternatives.all.map(\.ratio), forKey: .ratios)
        try container.encode(alternatives.all.map(\.sum), forKey: .sums)
        try container.encode(alternatives.all.map(\.start), forKey: .starts)
        try container.encodeIfPresent(raisedFrom, forKey: .raisedFrom)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let tolerance = try container.decode(Double.self, forKey: .tolerance)
        let logThreshold = try container.decode(Double.self, forKey: .logThreshold)
        guard tolerance > 0, tolerance < 1, logThreshold > 0, logThreshold < 300 else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "a detector needs 0 < tolerance < 1 and 0 < threshold < 300, not \(tolerance), \(logThreshold)"))
        }
        self.init(tolerance: tolerance, logRunLength: logThreshold)
        guard let ratios = try container.decodeIfPresent([Double].self, forKey: .ratios) else { return }
        let sums = try container.decode([Double].self, forKey: .sums)
        let starts = try container.decode([UInt64].self, forKey: .starts)
        let isSound = (ratios + sums).allSatisfy { $0 >= 0 && $0.isFinite }
        guard isSound, Set([ratios.count, sums.count, starts.count]) == [Alternatives.count] else {
            throw DecodingError.dataCorruptedError(
                forKey: .ratios, in: container,
                debugDescription: "a detector's evidence is \(Alternatives.count) numbers of each kind, none below 0")
        }
        var alternatives = alternatives
        alternatives.restore(ratios: ratios, sums: sums, starts: starts)
        restore(alternatives, raisedFrom: try container.decodeIfPresent(UInt64.self, forKey: .raisedFrom))
    }
}
