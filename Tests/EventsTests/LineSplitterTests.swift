import Events
import Testing

@Suite struct LineSplitterTests {
    struct Line: Equatable {
        let text: String
        let number: Int
        let length: Int
    }

    private func lines(_ chunks: [[UInt8]], bytesMax: Int = 10) -> [Line] {
        var splitter = LineSplitter(bytesMax: bytesMax)
        var lines: [Line] = []
        let take = { (line: borrowing LineSplitter.Line) in
            lines.append(Line(text: unsafe String(decoding: line.bytes, as: UTF8.self), number: line.number, length: line.length))
        }
        for chunk in chunks { unsafe chunk.withUnsafeBytes { unsafe splitter.feed($0, take) } }
        splitter.finish(take)
        return lines
    }

    @Test func linesAreTheSameHoweverTheStreamIsCut() {
        let stream = Array("one\n\ntwo\r\n1234567890\r\n12345678901\nlast\r\n\n\n\nend".utf8)
        let expected = [
            Line(text: "one", number: 1, length: 3), Line(text: "two", number: 3, length: 3),
            Line(text: "1234567890", number: 4, length: 10),
            Line(text: "1234567890", number: 5, length: 11), Line(text: "last", number: 6, length: 4),
            Line(text: "end", number: 10, length: 3),
        ]
        #expect(lines([stream]) == expected)
        for size in 1...stream.count {
            let chunks = stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
            #expect(lines(chunks) == expected, "chunks of \(size) bytes")
        }
    }

    @Test func streamThatEndsWithALineEndHasNoLineAfterIt() {
        #expect(lines([Array("a\n".utf8)]).count == 1)
        #expect(lines([]).isEmpty)
        #expect(lines([[], Array("\n".utf8), []]).isEmpty)
    }

    @Test func endlessLineIsCutAndCounted() {
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
        let found = lines(Array(repeating: chunk, count: 1_000) + [Array("\nok".utf8)])
        #expect(found == [Line(text: "xxxxxxxxxx", number: 1, length: 1_000_000), Line(text: "ok", number: 2, length: 2)])
    }

    @Test func throwingHandlerStopsTheChunk() {
        struct Stop: Error {}
        var splitter = LineSplitter()
        var count = 0
        let bytes = Array("a\nb\nc\n".utf8)
        #expect(throws: Stop.self) {
            try unsafe bytes.withUnsafeBytes {
                try unsafe splitter.feed($0) { line in
                    count += 1
                    if line.number == 2 { throw Stop() }
                }
            }
        }
        #expect(count == 2)
    }
}
