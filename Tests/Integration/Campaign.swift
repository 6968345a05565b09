import Foundation

/// What a campaign did and how it went: a row for every fault, with the seed that repeats it.
struct Campaign {
    struct Row: Encodable {
        var fault: String
        var times = 0
        /// Those after which the next trainer brought a new version with every event accounted for once.
        var recovered = 0
        var secondsToVersion: [Double] = []

        var median: Double? { secondsToVersion.isEmpty ? nil : secondsToVersion.sorted()[secondsToVersion.count / 2] }
        var most: Double? { secondsToVersion.max() }

        private enum CodingKeys: String, CodingKey { case fault, times, recovered, medianSeconds, mostSeconds }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(fault, forKey: .fault)
            try container.encode(times, forKey: .times)
            try container.encode(recovered, forKey: .recovered)
            try container.encodeIfPresent(median, forKey: .medianSeconds)
            try container.encodeIfPresent(most, forKey: .mostSeconds)
        }
    }

    private struct Document: Encodable {
        var seed: UInt64
        var rows: [Row]
    }

    let seed: UInt64
    private var rows: [String: Row] = [:]

    init(seed: UInt64) { self.seed = seed }

    /// How many times a process is to be killed: as often as a push can wait for, or `FRESHET_KILLS`.
    static var kills: Int? { ProcessInfo.processInfo.environment["FRESHET_KILLS"].flatMap(Int.init) }

    mutating func note(_ fault: String) { rows[fault, default: Row(fault: fault)].times += 1 }

    mutating func note(recoveryFrom fault: String, after time: Duration?) {
        rows[fault, default: Row(fault: fault)].recovered += 1
        if let time { rows[fault]?.secondsToVersion.append(time / .seconds(1)) }
    }

    var times: Int { rows.values.reduce(0) { $0 + $1.times } }

    /// Shows the table, and adds it as a line of JSON to the file that `FRESHET_CAMPAIGN` names.
    func report() throws {
        let sorted = rows.values.sorted { $0.fault < $1.fault }
        print("campaign of \(times) faults, seed \(seed): fault, times, recovered, seconds to the next version (median, most)")
        for row in sorted {
            let seconds = [row.median, row.most].map { $0.map { String(format: "%6.2f", $0) } ?? "     –" }.joined(separator: " ")
            print("  \(row.fault.padding(toLength: 44, withPad: " ", startingAt: 0)) \(row.times) \(row.recovered) \(seconds)")
        }
        guard let path = ProcessInfo.processInfo.environment["FRESHET_CAMPAIGN"] else { return }
        let line = try JSONEncoder().encode(Document(seed: seed, rows: sorted)) + Data("\n".utf8)
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: line)
        try file.close()
    }
}
