import CSimdJSON
import Learning

/// The walk over an event's fields. It is as deep as the document, which the parser bounded.
extension FeatureBuilder {
    /// Adds the features of the object at `index` of the tape, which is the one that `fields` points at.
    mutating func addFields(_ index: Int, of tape: Tape, into batch: inout ExampleBatch) throws(Rejection) {
        try addObject(index, of: tape, at: paths.root, into: &batch)
    }

    private mutating func addObject(
        _ index: Int, of tape: Tape, at place: Place, into batch: inout ExampleBatch
    ) throws(Rejection) {
        let members = tape.members(index)
        var member = members.lowerBound
        var previous: Int32 = -1
        while member < members.upperBound {
            let child = unsafe paths.child(of: place, named: tape.name(member), after: previous)
            try addValue(member, of: tape, at: child, paths.declaration(of: child), into: &batch)
            previous = child.node
            member = tape.next(member)
        }
    }

    private mutating func addValue(
        _ index: Int, of tape: Tape, at place: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        if paths.isPart(place) { return }
        switch tape.kind(index) {
        case CSIMDJSON_NUMBER, CSIMDJSON_NUMBER_OVERFLOW:
            try add(.number(tape.number(index)), at: place, declaration, into: &batch)
        case CSIMDJSON_STRING:
            try unsafe add(.text(tape.text(index)), at: place, declaration, into: &batch)
        case CSIMDJSON_TRUE, CSIMDJSON_FALSE:
            try add(.boolean(tape.kind(index) == CSIMDJSON_TRUE), at: place, declaration, into: &batch)
        case CSIMDJSON_ARRAY:
            try addArray(index, of: tape, at: place, declaration, into: &batch)
        case CSIMDJSON_OBJECT:
            if declaration >= 0 { throw mistyped(declaration, at: place, "an object") }
            try addObject(index, of: tape, at: place, into: &batch)
        default:
            // null: missing.
            return
        }
    }

    /// Strings are a bag under the array's own path; everything else is at the path of its index.
    private mutating func addArray(
        _ index: Int, of tape: Tape, at place: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        let members = tape.members(index)
        var member = members.lowerBound
        var position = 0
        var previous: Int32 = -1
        let leadsToPart = paths.leadsToPart(place)
        while member < members.upperBound {
            if tape.kind(member) == CSIMDJSON_STRING, !leadsToPart {
                try unsafe add(.text(tape.text(member)), at: place, declaration, into: &batch)
            } else if tape.kind(member) != CSIMDJSON_NULL {
                let element = paths.child(of: place, at: position, after: previous)
                try addElement(member, of: tape, at: element, in: place, declaration, into: &batch)
                previous = element.node
            }
            position += 1
            member = tape.next(member)
        }
    }

    private mutating func addElement(
        _ index: Int, of tape: Tape, at element: Place, in array: Place, _ declaration: Int32, into batch: inout ExampleBatch
    ) throws(Rejection) {
        if paths.isPart(element) { return }
        let declaration = declaration >= 0 ? declaration : paths.declaration(of: element)
        let place = tape.kind(index) == CSIMDJSON_STRING ? array : element
        try addValue(index, of: tape, at: place, declaration, into: &batch)
    }
}

extension PathTable {
    /// The place of an array's element, whose name is its index in decimal digits.
    mutating func child(of array: Place, at position: Int, after previous: Int32) -> Place {
        // Eight digits are enough: 64 MiB hold less than 10^8 elements.
        var digits: UInt64 = 0
        var count = 0
        var rest = position
        repeat {
            digits = digits << 8 | UInt64(UInt8(ascii: "0") + UInt8(rest % 10))
            count += 1
            rest /= 10
        } while rest > 0
        return unsafe withUnsafeBytes(of: digits.littleEndian) { bytes in
            unsafe child(of: array, named: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), after: previous)
        }
    }
}
