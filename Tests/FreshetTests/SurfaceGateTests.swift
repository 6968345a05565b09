import Inspection
import Testing
import Training

@testable import Freshet

/// The defaults, causes and detectors of `Gate.md`, and the files `Protocol.md` refers to.
@Suite struct SurfaceGateTests {
    private let page = Catalogue.page("Gate")

    @Test func defaultsAreThese() throws {
        let values: [(String, JSON)] = [
            ("inspection", try JSON(try SurfaceSamples.settings().inspection)), ("publish-gate", try JSON(PublishGate())),
            ("clearance", try JSON(["holdBack": Clearance().holdBack, "holdBackEvents": Double(Clearance().holdBackEvents)])),
        ]
        for (name, value) in values { #expect(try JSON(text: #require(page.fence("default", name)).text) == value, "\(name)") }
        let defaults = Settings().checkpoint
        #expect(defaults.holdBack.seconds == Clearance().holdBack && defaults.holdBackEvents == Int(Clearance().holdBackEvents))
    }

    @Test func silenceIsJudgedByTheseConstants() throws {
        let table = try #require(page.table(with: ["Constant", "Value"]))
        #expect(
            table.column("Value") == [
                "\(Int(StallDetector.floor)) s", "\(Int(StallDetector.coldFloor)) s", "\(StallDetector.warmGaps)",
                "\(Int(StallDetector.warmSeconds))", "\(Int(StallDetector.secondsBeforeFreeze))",
            ])
    }

    @Test func theBudgetIsThatOfTheText() {
        let text = Catalogue.text("Sources/Freshet/Documentation.docc/Gate.md")
        let logarithm = FalseAlarmBudget().logRunLength
        #expect(text.contains("ln *c* = \((logarithm * 100).rounded() / 100)"))
    }

    @Test func detectorsAreThese() throws {
        let table = try #require(page.table(under: "Detectors"))
        #expect(table.column("Family") == DetectorFamily.allCases.map(\.rawValue))
        #expect(table.column("Default") == DetectorFamily.allCases.map(\.defaultAction.rawValue))
    }

    @Test func causesAreThese() throws {
        let table = try #require(page.table(with: ["Cause", "Comes from", "Ends", "Doubts what was read"]))
        let documented = Dictionary(uniqueKeysWithValues: zip(table.column("Cause"), table.column("Doubts what was read")))
        #expect(documented == Dictionary(uniqueKeysWithValues: FreezeKind.allCases.map { ($0.rawValue, $0.doubtsContent ? "yes" : "no") }))
        let reserved = Set(zip(table.column("Cause"), table.column("Comes from")).filter { $0.1 == "reserved" }.map(\.0))
        let training = Catalogue.sources(under: "Sources/Training").map(\.text).joined()
        let given = Set(FreezeKind.allCases.filter { training.contains("kind: .\($0)") }.map(\.rawValue))
        #expect(reserved.isDisjoint(with: given.union(DetectorFamily.allCases.map { FreezeKind($0).rawValue })))
    }

    @Test func statesAndDiagnosesAreThese() throws {
        let states = try #require(page.table(with: ["State", "Learning", "Versions", "Serving"]))
        #expect(states.column("State") == [GateState.open, .suspect, .frozen].map(\.rawValue))
        let feeds = try #require(page.table(with: ["Feed", "Meaning"]))
        #expect(feeds.column("Feed") == FeedDiagnosis.allCases.map(\.rawValue))
    }

    /// Each of the ten invariants names tests that are there.
    @Test func everyInvariantNamesItsTests() throws {
        let table = try #require(Catalogue.page("Protocol").table(under: "The ten invariants"))
        #expect(table.rows.map { $0[0] } == (1...10).map(String.init))
        for row in table.rows {
            #expect(!row[3].codes.isEmpty)
            for file in row[3].codes { #expect(!Catalogue.text(file).isEmpty, "\(file)") }
        }
    }
}
