import Testing

@testable import Freshet

/// `Configuration.md` is what `freshet config` prints, and its examples are taken and refused as it says.
@Suite struct SurfaceConfigurationTests {
    private let page = Catalogue.page("Configuration")

    @Test func everyKeyIsDocumentedAsItIs() throws {
        let table = try #require(page.table(under: "Every key"))
        let documented = table.rows.map { row in row.map(\.uncoded) }
        let known = Settings.reference.map { [$0.key, $0.type, $0.defaultValue ?? "", $0.environment, $0.meaning] }
        #expect(documented.map { $0[0] } == known.map { $0[0] })
        for (row, key) in zip(documented, known) { #expect(row == key) }
    }

    @Test func theExampleIsAccepted() throws {
        let example = try #require(page.fence("surface", "configuration"))
        #expect(complaints(example.text) == [])
    }

    @Test func theRefusalReadsAsDocumented() throws {
        let refusal = try #require(page.fence("surface", "refusal")).text.split(separator: "\n").map(String.init)
        #expect(complaints("model: x\nmodl: y\nkafka: {bootstrap.servers: \"10.0.0.1:9092\"}") == refusal)
    }

    @Test func propertiesOfOurOwnAreThese() throws {
        let table = try #require(page.table(with: ["Property", "Why"]))
        let documented = Dictionary(uniqueKeysWithValues: zip(table.column("Property"), table.column("Why")))
        #expect(documented == KafkaRules.owned)
    }
}
