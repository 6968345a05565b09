/// What Freshet knows of librdkafka's properties; all others pass through unseen.
enum KafkaRules {
    /// Properties the protocol rests on, with the reason; whoever sets them otherwise breaks a promise without noticing.
    static let owned: [String: String] = [
        "auto.offset.reset": "a lost position must be seen, never skipped",
        "check.crcs": "damaged records must be seen",
        "client.id": "seniority among trainers is decided by it",
        "enable.auto.commit": "the manifest holds the positions",
        "enable.auto.offset.store": "the manifest holds the positions",
        "enable.idempotence": "transactions need it",
        "enable.partition.eof": "the end of a topic is seen by it",
        "group.id": "the group is called after the model",
        "isolation.level": "only committed versions may be read",
        "metadata.broker.list": "bootstrap.servers is its name",
        "partition.assignment.strategy": "lanes are handed out by range",
        "transactional.id": "a lane's owner is fenced by it",
    ]

    /// The hosts of a `bootstrap.servers` list, without protocol and port.
    static func hosts(_ servers: String) -> [String] {
        servers.split(separator: ",").map { entry in
            let address = String(entry.filter { !$0.isWhitespace }).split(separator: "://").last.map(String.init) ?? ""
            if address.hasPrefix("[") { return String(address.dropFirst().prefix { $0 != "]" }) }
            return String(address.prefix { $0 != ":" })
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || host.wholeMatch(of: /127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/) != nil
    }
}
