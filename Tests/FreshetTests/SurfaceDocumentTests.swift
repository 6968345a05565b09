import Testing

@testable import Freshet

/// Every documented JSON document has the shape that the program's own types encode.
@Suite struct SurfaceDocumentTests {
    private static var surfaces: [String] {
        Catalogue.pages.flatMap(\.fences).filter { $0.language == "json" }.compactMap { $0.attributes["surface"] }
    }

    @Test func theCatalogueIsFound() {
        #expect(Self.surfaces.count > 15)
        #expect(Set(Self.surfaces).count == Self.surfaces.count, "each surface is documented once")
    }

    @Test(arguments: surfaces) func theProgramSaysWhatIsDocumented(surface: String) throws {
        let schema = try #require(try SurfaceSchemas.schema(of: surface))
        let documents = try SurfaceSamples.documents(of: surface)
        #expect(!documents.isEmpty, "nothing is known that the program encodes for it")
        var report = SchemaReport()
        for document in documents { report.check(document, against: schema) }
        report.checkCoverage(of: schema)
        #expect(report.complaints == [])
    }

    @Test(arguments: surfaces) func theExampleIsOfThatShape(surface: String) throws {
        let schema = try #require(try SurfaceSchemas.schema(of: surface))
        let fence = try #require(Catalogue.pages.lazy.compactMap { $0.fence("surface", surface) }.first)
        var report = SchemaReport()
        report.check(try JSON(text: fence.text), against: schema)
        #expect(report.complaints == [])
    }

    /// Every page that is linked exists, and the landing page links every page.
    @Test func theMapOfPagesIsComplete() {
        let linked = Catalogue.pages.flatMap { page in
            Catalogue.text("Sources/Freshet/Documentation.docc/\(page.name)").matches(of: /<doc:([A-Za-z]+)>/).map { String($0.1) }
        }
        let names = Set(Catalogue.pages.map { String($0.name.dropLast(3)) })
        #expect(Set(linked).isSubset(of: names))
        let landing = Catalogue.text("Sources/Freshet/Documentation.docc/Freshet.md").matches(of: /- <doc:([A-Za-z]+)>/).map {
            String($0.1)
        }
        #expect(Set(landing) == names.subtracting(["Freshet"]))
    }
}

/// The schemas of the documented objects, by name.
enum SurfaceSchemas {
    static func schema(of surface: String) throws -> Schema? {
        for page in Catalogue.pages {
            guard let fence = page.fence("surface", surface), let table = page.table(after: fence) else { continue }
            return try Schema(table) { name in
                // Only what is described without others is referred to, so this ends.
                ["metrics", "process status"].contains(name) ? try? schema(of: name.replacing(" ", with: "-")) : nil
            }
        }
        return nil
    }
}
