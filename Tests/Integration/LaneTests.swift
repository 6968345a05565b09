import TestSupport
import Testing

/// Several trainers of one model: the group hands out the lanes.
@Suite(.needsBroker, .scenario, .serialized) struct LaneTests {
    @Test func `two trainers share two lanes and the one that is left takes both`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "lanes", partitions: 4, lanes: 2)
            let (feed, followers) = (try model.feed(partitions: 4), [model.follow(lane: 0), model.follow(lane: 1)])
            var stream = EventStream(seed: 10)
            let first = try model.start("train")
            try await feed.produce(stream.next(4_000))
            for follower in followers { try await follower.learned(2_000) }
            let second = try model.start("train")
            try await bench.eventually("a lane for each trainer") {
                let status = try await model.status()
                return status.owner(of: 0) == first.pid && status.owner(of: 1) == second.pid
            }
            try await feed.produce(stream.next(4_000))
            for follower in followers { try await follower.learned(4_000) }
            let publisher = Publisher(try model.start("serve"), bench)
            let answer = try await publisher.answer(to: stream.next().question)
            try #require(answer.version.wholeMatch(of: /[0-9]+\.[0-9]+/) != nil, "\(answer.version)")
            try model.kill(second, member: 1)
            try await feed.produce(stream.next(4_000))
            for follower in followers {
                let last = try await follower.learned(6_000)
                try #require(last.accounted == 6_000 && last.inputs == 2)
            }
            try await bench.eventually("a status that accounts for everything once") {
                let account = try await model.status().account
                return account.isExact && account.learned == 12_000
            }
            try await model.stop(first, publisher.process)
            for follower in followers { await follower.close() }
            await feed.close()
        }
    }

    @Test func `lanes grow from one to two to four while events flow, and one that dies on the way loses nothing`() async throws {
        try await Bench.run { bench in
            let model = try await Model(bench, "growing", partitions: 4)
            let feed = try model.feed(partitions: 4)
            var stream = EventStream(seed: 12)
            let first = try model.start("train")
            try await feed.produce(stream.next(4_000))
            let follower = model.follow()
            try await follower.learned(4_000)
            await follower.close()
            let second = try model.start("train")
            let publisher = Publisher(try model.start("serve"), bench)
            _ = try await publisher.answer(to: stream.next().question)
            try await feed.produce(stream.next(2_000))
            let two = try await model.report("lanes", "--to", "2", as: [LaneReport].self)
            try #require(two.map { $0.inputs.map(\.partition) } == [[0, 2], [1, 3]])
            try await feed.produce(stream.next(2_000))
            // A lane dies while the partitions change hands; the other trainer does its part.
            let growth = try model.start("lanes", "--to", "4", "--output", "json")
            try model.kill(second, member: 1)
            try await feed.produce(stream.next(2_000))
            try #require(try await growth.ended(by: bench.deadline) == .code(0), "\(growth.errorText)")
            let four = try await model.report("lanes", as: [LaneReport].self)
            try #require(four.map { $0.inputs.map(\.partition) } == [[0], [1], [2], [3]])
            try await bench.eventually("a status that accounts for everything once") {
                let account = try await model.status().account
                return account.isExact && account.learned == 10_000 && account.produced == 10_000
            }
            try await bench.eventually("an answer of all four lanes") {
                try await publisher.answer(to: stream.next().question).version.split(separator: ".").count == 4
            }
            let refused = try await model.run("lanes", "--to", "8")
            try #require(refused.exit == .code(2) && refused.errors.contains("4 partitions"))
            try await model.stop(first, publisher.process)
            await feed.close()
        }
    }
}
