/// The documents of `--output json`, as far as the tests rely on them: one that lacks a member is a failure.
struct StatusReport: Decodable {
    struct Account: Decodable, Equatable {
        var learned: Int
        var quarantined: Int
        var skipped: Int
        var gaps: Int
        var produced: Int
        var outstanding: Int

        /// Every event that was produced is accounted for, once.
        var isExact: Bool { learned + quarantined + skipped + gaps == produced && outstanding == 0 }
    }

    struct Process: Decodable {
        var status: Status
        var silentSeconds: Double
    }

    struct Status: Decodable {
        struct Gate: Decodable {
            struct Cause: Decodable {
                var kind: String
                var detail: String
                var resume: String
            }

            var state: String
            var causes: [Cause]
        }

        struct Position: Decodable {
            var topic: String
            var partition: Int
            var learned: Int
            var inspected: Int
            var end: Int
        }

        struct Counts: Decodable {
            var learned: Int
            var duplicates: Int?
        }

        var process: String
        var instance: String
        var lane: Int?
        var version: UInt64?
        var cleared: UInt64?
        var modelDigest: String?
        var gate: Gate?
        var positions: [Position]?
        var counts: Counts?
        var servedVersion: [UInt64]?
    }

    var model: String
    var account: Account
    var processes: [Process]

    /// The trainers that have spoken in the last seconds.
    var trainers: [Status] { processes.filter { $0.status.process == "trainer" && $0.silentSeconds < 4 }.map(\.status) }
    var gate: Status.Gate? { trainers.first?.gate }

    /// The process that says last that it has a lane: instances are named after host, process and lane.
    func owner(of lane: Int) -> Int32? {
        let instance = trainers.last { $0.lane == lane }?.instance
        return instance?.split(separator: "-").last?.split(separator: ".").first.flatMap { Int32($0) }
    }
}

/// What `freshet lanes` says of a lane.
struct LaneReport: Decodable {
    struct Input: Decodable {
        var topic: String
        var partition: Int
        var next: Int
    }

    var lane: Int
    var version: UInt64?
    var inputs: [Input]
}

struct VersionReport: Decodable {
    var lane: Int
    var version: UInt64
    var epoch: UInt64
    var events: Int
    var cleared: Bool
    var pinned: Bool
    var undone: Bool
    var bytes: Int?
    var modelDigest: String
}

struct ExportReport: Decodable {
    var version: UInt64
    var bytes: Int
    var cleared: Bool
    var modelDigest: String
}

struct ImportReport: Decodable {
    var version: UInt64
    var positions: String
    var cleared: Bool
    var modelDigest: String
}

struct AnswerReport: Decodable {
    var lane: Int
    var outcome: String
    var detail: String
    var version: UInt64?
}

struct EvaluationReport: Decodable {
    var examples: Int
    var rejected: [String: Int]
    var modelDigest: String
}

struct CheckReport: Decodable {
    var ok: Bool
    var problems: [String]
}
