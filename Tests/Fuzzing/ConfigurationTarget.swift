/// The configuration file. `Settings` belongs to the program and not to a library: its sources are compiled in here once more.
struct ConfigurationTarget: FuzzTarget {
    let name = "configuration"
    let seeds = [
        """
        model: flowers
        kafka: {bootstrap.servers: "localhost:9092", security.protocol: ssl}
        input: {topics: [purchases], label: /label, time: /ts, id: /id, start: earliest, gap: continue}
        features:
          fields: /features
          declared:
            price: {type: number, range: [0, 10000], required: true}
            country: {type: category}
        learner: {task: binary, bits: 20}
        checkpoint: {interval: 5s, retain: {latest: 8, hourly: 24, daily: 7}, lanes: 1}
        watchdog: {stall: auto, policy: {}}
        serve: {listen: "127.0.0.1:8080"}
        """,
        "model: x\nallowPlaintext: true\nkafka:\n  bootstrap.servers: a:1\ninput:\n  topics:\n    - a\n    - b\n  label: /l\nlog: {level: debug}\n",
    ].asBytes
    let pieces =
        [
            ": ", "\n", "\n  ", "- ", "{", "}", "[", "]", ",", "&a ", "*a", "!!binary ", "|\n", ">-\n", "? ", "---\n", "...\n", "#", "'",
            "\"", "<<: *a\n",
            "\t", "5s", "-1", "1e99", "null", "~", "yes", "é", "model: ", "{{", "[[",
        ].asBytes + [[0], [0xFF]]

    func take(_ bytes: [UInt8]) throws -> Bool {
        do {
            _ = try Settings.parse(yaml: String(decoding: bytes, as: UTF8.self), file: "fuzz.yaml", environment: [:])
            return true
        } catch {
            guard !error.description.isEmpty else { throw FuzzFailure("a refusal without a word") }
            return false
        }
    }
}
