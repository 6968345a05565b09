import Events
import Learning
import Testing

@Suite struct PartTests {
    @Test(arguments: [("0", Float(0)), ("1", 1), ("0.0", 0), ("1.0", 1), ("1e0", 1), ("false", 0), ("true", 1), ("-0", 0)])
    func binaryLabels(_ text: String, _ label: Float) throws {
        let decoding = Decoding(try EventSchema())
        #expect(decoding.decode(#"{"label": \#(text), "features": {"a": 1}}"#) == nil)
        #expect(decoding.batch.labels == [label])
    }

    @Test func regressionLabelIsAnyNumberThatFitsAFloat() throws {
        let decoding = Decoding(try EventSchema(), task: .regression)
        #expect(decoding.decode(#"{"label": -12.25, "features": {"a": 1}}"#) == nil)
        #expect(decoding.decode(#"{"label": 3.4e38, "features": {"a": 1}}"#) == nil)
        #expect(decoding.batch.labels == [-12.25, 3.4e38])
    }

    @Test(arguments: [
        ("1357035300000", 1_357_035_300_000), ("1.3570353e12", 1_357_035_300_000), ("-1", -1),
        (#""2013-01-01T05:15:00Z""#, 1_357_017_300_000),
        (#""2013-01-01 05:15:00.25+01:00""#, 1_357_013_700_250), (#""2013-01-01t05:15:00,123456-0330""#, 1_357_029_900_123),
        (#""1969-12-31T23:59:59.999Z""#, -1), (#""2016-12-31T23:59:60Z""#, 1_483_228_800_000),
        (#""2000-02-29T00:00:00Z""#, 951_782_400_000),
        (#""0000-01-01T00:00:00Z""#, -62_167_219_200_000), (#""9999-12-31T23:59:59Z""#, 253_402_300_799_000),
    ])
    func times(_ text: String, _ time: Int64) throws {
        let decoding = Decoding(try EventSchema(time: "/ts"))
        #expect(decoding.decode(#"{"label": 1, "ts": \#(text), "features": {"a": 1}}"#) == nil)
        #expect(decoding.batch.times == [time])
    }

    @Test(arguments: [
        "1.5", "1e16", "1e400", "null", "true", "[]", #""""#, #""2013-01-01""#, #""2013-01-01T05:15:00""#, #""2013-02-29T05:15:00Z""#,
        #""2013-13-01T05:15:00Z""#, #""2013-01-01T24:00:00Z""#, #""2013-01-01T05:15:00.Z""#, #""2013-01-01T05:15:00Zx""#,
        #""2013-01-01T05:15:00+2500""#, #""2013-01-01T05:15:00.1111111111111111111111111111111111111111Z""#, #""1357035300000""#,
    ])
    func valuesThatAreNoTime(_ text: String) throws {
        let decoding = Decoding(try EventSchema(time: "/ts"))
        #expect(decoding.decode(#"{"label": 1, "ts": \#(text), "features": {"a": 1}}"#)?.reason == .timeInvalid)
        #expect(decoding.decode(#"{"label": 1, "ts": \#(text), "features": {"a": 1}}"#, .prediction, fallbackTime: 9) == nil)
        #expect(decoding.batch.times == [9])
    }

    @Test func recordTimestampStandsInWhenNoTimeIsConfigured() throws {
        let decoding = Decoding(try EventSchema())
        #expect(decoding.decode(#"{"label": 1, "features": {"a": 1}}"#, fallbackTime: 12) == nil)
        #expect(decoding.batch.times == [12])
    }

    @Test func weightIsReadAndOneWhenAbsent() throws {
        let decoding = Decoding(try EventSchema(weight: "/w"))
        #expect(decoding.decode(#"{"label": 1, "w": 2.5, "features": {"a": 1}}"#) == nil)
        #expect(decoding.decode(#"{"label": 1, "w": null, "features": {"a": 1}}"#) == nil)
        #expect(decoding.decode(#"{"label": 1, "features": {"a": 1}}"#) == nil)
        #expect(decoding.batch.weights == [2.5, 1, 1])
    }

    @Test(arguments: [
        (#""o-1""#, "o-1"), ("17", "17"), ("123456789012345678901234567890", "123456789012345678901234567890"), (#""a\u0062""#, "ab"),
        ("1.5", nil), ("null", nil), ("{}", nil),
    ])
    func ids(_ text: String, _ id: String?) throws {
        let decoding = Decoding(try EventSchema(id: "/id"))
        #expect(decoding.decode(#"{"label": 1, "id": \#(text), "features": {"a": 1}}"#) == nil)
        #expect(decoding.decoder.lastEventID == id)
        #expect(decoding.decode(#"{"label": 1, "features": {"a": 1}}"#) == nil)
        #expect(decoding.decoder.lastEventID == nil)
    }

    @Test func idsThatAreWrittenAlikeAreOneIdentity() throws {
        let decoding = Decoding(try EventSchema(id: "/id"))
        let identities = ["\"17\"", "17", "\"a\"", "1.5", "\"\\u0031\\u0037\""].map { text in
            #expect(decoding.decode("{\"label\": 1, \"id\": \(text), \"features\": {\"a\": 1}}") == nil)
            return decoding.decoder.lastEventIdentity
        }
        #expect(identities[0] != nil && identities[0] == identities[1] && identities[0] == identities[4])
        #expect(identities[2] != nil && identities[2] != identities[0] && identities[3] == nil)
    }

    @Test func rejectedEventKeepsItsID() throws {
        let decoding = Decoding(try EventSchema(id: "/id"))
        #expect(decoding.decode(#"{"id": "o-1", "features": {"a": 1}}"#)?.reason == .labelMissing)
        #expect(decoding.decoder.lastEventID == "o-1")
    }

    @Test func predictionNeedsNeitherLabelNorWeightNorTime() throws {
        let decoding = Decoding(try EventSchema(time: "/ts", weight: "/w"))
        #expect(decoding.decode(#"{"features": {"a": 1}}"#, .prediction, fallbackTime: 3) == nil)
        #expect(decoding.decode(#"{"label": "x", "w": -1, "ts": 4, "features": {"a": 1}}"#, .prediction, fallbackTime: 3) == nil)
        #expect(decoding.batch.times == [3, 4])
        #expect(decoding.batch.weights == [1, 1])
        #expect(decoding.batch.labels == [0, 0])
    }

    @Test func wholeDocumentAsFieldsLeavesTheOtherPartsOut() throws {
        let decoding = Decoding(try EventSchema(label: "/y", time: "/meta/ts", id: "/ids/1", weight: "/w", fields: ""))
        let event = #"{"y": 1, "a": 2, "meta": {"ts": 5, "b": "x"}, "ids": [7, "i", 8], "w": 2, "y": 0}"#
        #expect(decoding.decode(event) == nil)
        #expect(decoding.lastFeatures.map(\.field) == ["a", "meta/b", "ids/0", "ids/2"])
        #expect(decoding.batch.labels == [0])
        #expect(decoding.batch.times == [5])
        #expect(decoding.decoder.lastEventID == "i")
    }

    @Test func pointersHaveEscapesAndIndexes() throws {
        let schema = try EventSchema(label: "/a~1b/0", weight: "/c~0d/1/x", fields: "/rows/1", numbers: .raw)
        let decoding = Decoding(schema)
        let event = #"{"a/b": [true], "c~d": [0, {"x": 4}], "rows": [{"z": 1}, {"z": 2}, {"z": 3}]}"#
        #expect(decoding.decode(event) == nil)
        #expect(decoding.batch.labels == [1])
        #expect(decoding.batch.weights == [4])
        #expect(decoding.batch.values == [2])
    }

    @Test(arguments: [
        "/rows/01", "/rows/-", "/rows/-1", "/rows/+1", "/rows/9", "/rows/99999999999999999999", "/rows/", "/rows/1/z/0", "/Rows/1",
    ])
    func pointersThatPointNowhere(_ pointer: String) throws {
        let decoding = Decoding(try EventSchema(fields: pointer))
        #expect(decoding.decode(#"{"label": 1, "rows": [{"z": 1}, {"z": 2}]}"#)?.reason == .nothingUsable)
    }
}
