import Checkpointing

/// Why a version is not brought back.
enum RollbackRefusal: Equatable, Sendable {
    case notWhole(UInt64, retained: [UInt64])
    /// Another lane has learnt, or will, what the version has learnt of this input.
    case learntElsewhere(UInt64, InputPosition)
}

extension RollbackRefusal: CustomStringConvertible {
    var description: String {
        switch self {
        case .notWhole(let version, let retained) where retained.contains(version):
            "version \(version) is of another configuration, or damaged"
        case .notWhole(let version, let retained):
            "version \(version) is not retained; these are: \(retained.map(String.init).joined(separator: ", "))"
        case .learntElsewhere(let version, let input):
            "version \(version) was undone, and has learnt events of \(input.topic)[\(input.partition)] that another lane has taken over since: they "
                + "would be learnt twice"
        }
    }
}
