import Events
import Learning
import Testing

@Suite struct PathLimitTests {
    @Test func laterPathsShareTheLastNameButKeepTheirSlots() throws {
        let decoding = Decoding(try EventSchema(), bits: 28)
        for start in stride(from: 0, to: 20_000, by: 500) {
            let members = (start..<start + 500).map { #""f\#($0)": 1"# }.joined(separator: ",")
            #expect(decoding.decode(#"{"label": 1, "features": {\#(members)}}"#) == nil)
        }
        #expect(decoding.batch.fieldNames.count == 4_096)
        #expect(decoding.batch.fieldNames.last == "…")
        #expect(decoding.batch.fields[4_094] == 4_094)
        #expect(decoding.batch.fields[4_095...].allSatisfy { $0 == 4_095 })
        let fresh = Decoding(try EventSchema(), bits: 28)
        #expect(fresh.decode(#"{"label": 1, "features": {"f19999": 1, "f5": {"a": "x"}}}"#) == nil)
        #expect(decoding.decode(#"{"label": 1, "features": {"f19999": 1, "f5": {"a": "x"}}}"#) == nil)
        #expect(decoding.batch.slots.suffix(2) == fresh.batch.slots[...])
    }

    @Test func absurdlyLongNamesShareTheLastName() throws {
        let long = String(repeating: "x", count: 257)
        let decoding = Decoding(try EventSchema())
        #expect(decoding.decode(#"{"label": 1, "features": {"a": 1, "\#(long)": {"b": 1}, "c": 1}}"#) == nil)
        #expect(decoding.batch.fieldNames == ["a", "…", "c"])
        let deep = Array(repeating: String(repeating: "y", count: 200), count: 3).map { #"{"\#($0)": "# }.joined()
        #expect(decoding.decode(#"{"label": 1, "features": \#(deep) 1}}}}"#) == nil)
        #expect(decoding.batch.fields.last == 1)
    }
}
