import Glibc

/// The paths a decoder has met: a tree of names with what is known of each, found again without making a string.
///
/// It is bounded: at most 4,096 paths have a name of their own, later ones (and absurdly long ones) share "…"; at most 16,384 are
/// remembered at all, the rest are hashed each time. Neither changes a slot.
struct PathTable {
    /// A path as a walk over a document carries it along.
    struct Place {
        let hash: UInt64
        /// Its node, or -1 if it is not remembered.
        let node: Int32

        var isRemembered: Bool { node >= 0 }
    }

    private struct Node {
        let hash: UInt64
        let parent: Int32
        let nameStart: Int32
        let nameCount: Int32
        /// Of the path's text, as far as this node.
        let pathCount: Int32
        let nextInBucket: Int32
        /// Where the last walk went from here: the first member below, and the next one beside. Events of one source have their members in
        /// one order, so the guess is nearly always right and spares the hash and the search.
        var guessBelow: Int32 = -1
        var guessBeside: Int32 = -1
        var field: Int32 = -1
        var declaration: Int32 = -1
        var isPart = false
        var leadsToPart = false
    }

    static let namesMax = 4_096
    static let overflowName = "…"
    private static let nodesMax = 16_384
    private static let pathBytesMax = 512
    private static let bucketCount = 32_768

    let root: Place
    /// By field index, in order of first appearance.
    private(set) var names: [String] = []

    private var nodes: [Node] = []
    private var nodeOfName: [Int32] = []
    private var overflowField: Int32 = -1
    private var nameBytes: [UInt8] = []
    private var buckets = [Int32](repeating: -1, count: bucketCount)

    init(seed: UInt64) {
        root = Place(hash: seed, node: 0)
        nodes.append(Node(hash: seed, parent: -1, nameStart: 0, nameCount: 0, pathCount: 0, nextInBucket: -1))
    }
}

// MARK: - Places

extension PathTable {
    /// The place of member `name` of the object (or element of the array) at `parent`; `previous` is the node of the member before it.
    mutating func child(of parent: Place, named name: UnsafeRawBufferPointer, after previous: Int32 = -1) -> Place {
        guard parent.isRemembered else { return unsafe Place(hash: FeatureHash.path(name, below: parent.hash), node: -1) }
        let guess = previous >= 0 ? nodes[Int(previous)].guessBeside : nodes[Int(parent.node)].guessBelow
        // A guess may be out of date: its node may have been taken back, and given to another path since.
        if guess >= 0, guess < nodes.count, unsafe isNode(guess, name, below: parent.node) {
            return Place(hash: nodes[Int(guess)].hash, node: guess)
        }
        let place = unsafe search(name, below: parent)
        if previous >= 0 {
            nodes[Int(previous)].guessBeside = place.node
        } else {
            nodes[Int(parent.node)].guessBelow = place.node
        }
        return place
    }

    mutating func place(of path: JSONPointer) -> Place {
        path.names.reduce(root) { parent, name in
            unsafe name.withUnsafeBytes { unsafe child(of: parent, named: $0) }
        }
    }

    private mutating func search(_ name: UnsafeRawBufferPointer, below parent: Place) -> Place {
        let hash = unsafe FeatureHash.path(name, below: parent.hash)
        let bucket = Int(truncatingIfNeeded: hash) & (Self.bucketCount - 1)
        var candidate = buckets[bucket]
        while candidate >= 0 {
            if nodes[Int(candidate)].hash == hash, unsafe isNode(candidate, name, below: parent.node) {
                return Place(hash: hash, node: candidate)
            }
            candidate = nodes[Int(candidate)].nextInBucket
        }
        return Place(hash: hash, node: unsafe remember(name, hash: hash, below: parent.node, bucket: bucket))
    }

    private func isNode(_ index: Int32, _ name: UnsafeRawBufferPointer, below parent: Int32) -> Bool {
        let node = nodes[Int(index)]
        guard node.parent == parent, Int(node.nameCount) == name.count else { return false }
        guard let bytes = name.baseAddress else { return true }
        // The node's name lies within `nameBytes`: `remember` put it there and `rollBack` shortens both together.
        return unsafe nameBytes.withUnsafeBytes { known in
            unsafe memcmp(known.baseAddress! + Int(node.nameStart), bytes, name.count) == 0
        }
    }

    private mutating func remember(_ name: UnsafeRawBufferPointer, hash: UInt64, below parent: Int32, bucket: Int) -> Int32 {
        guard nodes.count < Self.nodesMax, name.count <= JSONPointer.nameBytesMax else { return -1 }
        let index = Int32(nodes.count)
        nodes.append(
            Node(
                hash: hash, parent: parent, nameStart: Int32(nameBytes.count), nameCount: Int32(name.count),
                pathCount: nodes[Int(parent)].pathCount + Int32(name.count) + 1, nextInBucket: buckets[bucket]))
        unsafe nameBytes.append(contentsOf: name)
        buckets[bucket] = index
        return index
    }
}

// MARK: - What is known of a place

extension PathTable {
    /// The index of the field, given at its first appearance.
    mutating func field(of place: Place) -> UInt16 {
        if place.isRemembered {
            let known = nodes[Int(place.node)].field
            if known >= 0 { return UInt16(truncatingIfNeeded: known) }
        }
        return UInt16(truncatingIfNeeded: newField(of: place.node))
    }

    private mutating func newField(of node: Int32) -> Int32 {
        let hasOwnName = node >= 0 && nodes[Int(node)].pathCount <= Self.pathBytesMax && names.count < Self.namesMax - 1
        if hasOwnName {
            nodes[Int(node)].field = Int32(names.count)
            addName(path(of: Place(hash: 0, node: node)), node)
            return Int32(names.count - 1)
        }
        if overflowField < 0 {
            overflowField = Int32(names.count)
            addName(Self.overflowName, -1)
        }
        return overflowField
    }

    private mutating func addName(_ name: String, _ node: Int32) {
        names.append(name)
        nodeOfName.append(node)
    }

    /// Gives `names` their indexes before any event does, so that a decoder goes on where another one ended.
    mutating func adopt(_ names: [String]) {
        for name in names {
            let path = name == Self.overflowName ? nil : try? JSONPointer(path: name)
            _ = field(of: path.map { place(of: $0) } ?? Place(hash: 0, node: -1))
        }
    }

    /// The text of a path: its escaped names, joined by '/'.
    func path(of place: Place) -> String {
        guard place.isRemembered else { return Self.overflowName }
        var parts: [String] = []
        var index = place.node
        while index > 0 {
            let node = nodes[Int(index)]
            let name = nameBytes[Int(node.nameStart)..<Int(node.nameStart + node.nameCount)]
            parts.append(String(decoding: JSONPointer.escaped(name), as: UTF8.self))
            index = node.parent
        }
        return parts.reversed().joined(separator: "/")
    }

    /// The index of the declaration, or -1.
    func declaration(of place: Place) -> Int32 {
        place.isRemembered ? nodes[Int(place.node)].declaration : -1
    }

    mutating func declare(_ path: JSONPointer, as declaration: Int) {
        let node = place(of: path).node
        if node >= 0 { nodes[Int(node)].declaration = Int32(declaration) }
    }

    /// Whether the label, time, id or weight lies at the place, which is then no feature.
    func isPart(_ place: Place) -> Bool {
        place.isRemembered && nodes[Int(place.node)].isPart
    }

    /// Whether one of them lies somewhere below.
    func leadsToPart(_ place: Place) -> Bool {
        place.isRemembered && nodes[Int(place.node)].leadsToPart
    }

    mutating func leaveOut(_ path: JSONPointer) {
        var node = place(of: path).node
        if node >= 0 { nodes[Int(node)].isPart = true }
        while node > 0 {
            node = nodes[Int(node)].parent
            nodes[Int(node)].leadsToPart = true
        }
    }
}

// MARK: - Taking back

extension PathTable {
    struct Mark {
        fileprivate let nodes: Int
        fileprivate let names: Int
    }

    var mark: Mark { Mark(nodes: nodes.count, names: names.count) }

    /// Forgets everything since `mark`: an event that is rejected must not use up names.
    mutating func rollBack(to mark: Mark) {
        while names.count > mark.names {
            names.removeLast()
            let node = nodeOfName.removeLast()
            if node >= 0 { nodes[Int(node)].field = -1 } else { overflowField = -1 }
        }
        // Newest first, so each one is the head of its bucket.
        while nodes.count > mark.nodes {
            let node = nodes.removeLast()
            buckets[Int(truncatingIfNeeded: node.hash) & (Self.bucketCount - 1)] = node.nextInBucket
            nameBytes.removeLast(Int(node.nameCount))
        }
    }
}
