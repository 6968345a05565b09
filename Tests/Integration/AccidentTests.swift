import Foundation
import TestSupport
import Testing

/// Models that leave and come back as files, and models of another configuration, with real processes and the sentences people read.
@Suite(.needsBroker, .scenario, .serialized) struct AccidentTests {
    @Test func `a version survives the loss of its topic as a file`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "export")
            let feed = try model.feed()
            var stream = EventStream(seed: 21)
            var events = stream.next(1_000)
            try await feed.produce(events)
            try #require(try await model.run("train", "--until", "end").exit == .code(0))
            let file = bench.folder.appending(path: "model.freshet").path
            let written = try await model.report("export", file, as: ExportReport.self)
            try #require(written.cleared && written.bytes > 0)
            let again = try await model.run("export", file)
            try #require(again.exit == .code(1) && again.errors.contains("--force"), "\(again.errors)")

            // The same events under another name: a lane without a version.
            let other = try await Model(bench, "import", input: model.input)
            let refused = try await other.run("import", file)
            try #require(refused.exit == .code(1) && refused.errors.contains("--start"), "\(refused.errors)")
            let imported = try await other.report("import", "--start", "latest", file, as: ImportReport.self)
            try #require(imported.modelDigest == written.modelDigest && imported.cleared)

            // Over its own lane, at the positions in the file.
            let more = stream.next(500)
            events += more
            try await feed.produce(more)
            try #require(try await model.run("train", "--until", "end").exit == .code(0))
            let back = try await model.report("import", file, as: ImportReport.self)
            try #require(back.positions == "file" && back.modelDigest == written.modelDigest && back.version > written.version)
            try #require(try await model.run("train", "--until", "end").exit == .code(0))
            try #require(try await model.versions().last?.modelDigest == (try await model.evaluate(events)).modelDigest)
            await feed.close()
        }
    }

    @Test func `an import waits for the lane and says who has it`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "busy", kafka: Model.member)
            let feed = try model.feed()
            var stream = EventStream(seed: 22)
            try await feed.produce(stream.next(300))
            let trainer = try model.start("train")
            let follower = model.follow()
            try await follower.learned(300)
            let file = bench.folder.appending(path: "busy.freshet").path
            try await bench.eventually("a cleared version to export") { try await model.run("export", file).exit == .code(0) }
            let busy = try await model.run("import", "--timeout", "4", file)
            try #require(busy.exit == .code(1) && busy.errors.contains("was not handed out"), "\(busy.errors)")
            try await model.stop(trainer)
            await follower.close()
            await feed.close()
        }
    }

    @Test func `another configuration begins anew when it is told to, and its numbers go on`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "reset")
            let feed = try model.feed()
            var stream = EventStream(seed: 24)
            try await feed.produce(stream.next(500))
            try #require(try await model.run("train", "--until", "end").exit == .code(0))
            let old = try #require(try await model.versions().last)
            let warm = try model.configuration(replacing: "bits: 14", with: "bits: 14, alpha: 0.5")
            let kept = try await bench.run(["train", "--warm-start", "--until", "end", "--config", warm])
            try #require(kept.exit == .code(0), "\(kept.errors)")
            let warmed = try #require(try await model.versions().last)
            try #require(warmed.version > old.version && warmed.events == 500 && warmed.modelDigest != old.modelDigest)
            let wide = try model.configuration(replacing: "bits: 14", with: "bits: 15")
            let refused = try await bench.run(["train", "--warm-start", "--until", "end", "--config", wide])
            try #require(refused.exit == .code(1) && refused.errors.contains("learner.bits"), "\(refused.errors)")
            let reset = try await bench.run(["train", "--reset", "--until", "end", "--config", wide])
            try #require(reset.exit == .code(0), "\(reset.errors)")
            let newest = try #require(try await model.versions().last)
            try #require(newest.version > warmed.version && newest.events == 500 && newest.undone == false)
            try #require(try await model.versions().first?.undone == true)
            await feed.close()
        }
    }

    @Test func `a topic that is not there, and a broker that is not, are said by name`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "policy")
            let absent = NetworkBroker.uniqueName("absent")
            let configuration = try model.configuration(replacing: "model: \(model.name)", with: "model: \(absent)")
            let (exit, _, errors) = try await bench.run(["train", "--config", configuration])
            try #require(exit == .code(1) && errors.contains("\(absent).checkpoint does not exist"), "\(errors)")
            let nobody = try model.configuration(replacing: bench.servers, with: "127.0.0.1:1")
            let status = try await bench.run(["status", "--config", nobody])
            try #require(status.exit == .code(1) && status.errors.contains("no broker answers at 127.0.0.1:1"), "\(status.errors)")
        }
    }
}
