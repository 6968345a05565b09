public import Checkpointing
import Kafka
public import Logging

/// What the control topic holds, folded by key: commands, answers and the last word of every process.
public struct ControlView: Sendable {
    public private(set) var commands: [String: ControlCommand] = [:]
    public private(set) var answers: [String: [ControlAnswer]] = [:]
    /// Status documents as the processes wrote them, by key (`status/<process>/<instance>`).
    public private(set) var statuses: [String: [UInt8]] = [:]
    /// Why records cannot be read, by key: most often they are of a newer build.
    public private(set) var unreadable: [String: CodecError] = [:]
    /// Lanes that unreadable commands are for, where they say so.
    private var addressees: [String: UInt16] = [:]

    public init() {}

    package mutating func apply(key: [UInt8], value: [UInt8]?) {
        let key = String(decoding: key, as: UTF8.self)
        let pieces = key.split(separator: "/")
        guard pieces.count >= 2 else { return }
        unreadable[key] = nil
        switch pieces[0] {
        case "command": note(value, command: String(pieces[1]), key)
        case "answer" where pieces.count == 3:
            note(read(ControlAnswer.self, value, key), of: String(pieces[1]), lane: UInt16(pieces[2]))
        case "status":
            statuses[key] = value
            do throws(CodecError) { try RecordJSON.checkUnnumbered(value ?? []) } catch { unreadable[key] = error }
        default: break
        }
    }

    private mutating func note(_ value: [UInt8]?, command: String, _ key: String) {
        commands[command] = read(ControlCommand.self, value, key)
        let isUnreadable = unreadable[key] != nil
        addressees[command] = isUnreadable ? value.flatMap { try? RecordJSON.decode(Addressee.self, from: $0) }?.lane : nil
    }

    /// What commands of every format have.
    private struct Addressee: Decodable { var lane: UInt16? }

    private mutating func read<Value: Decodable>(_: Value.Type, _ value: [UInt8]?, _ key: String) -> Value? {
        guard let value else { return nil }
        do throws(CodecError) {
            try RecordJSON.checkUnnumbered(value)
            return try RecordJSON.decode(Value.self, from: value)
        } catch {
            unreadable[key] = error
            return nil
        }
    }

    private mutating func note(_ answer: ControlAnswer?, of command: String, lane: UInt16?) {
        let others = (answers[command] ?? []).filter { $0.lane != lane }
        let all = others + [answer].compactMap { $0 }
        answers[command] = all.isEmpty ? nil : all
    }

    /// The commands for a lane that nobody has answered for it, oldest first.
    public func open(for lane: UInt16) -> [ControlCommand] {
        commands.values
            .filter { ($0.lane == nil || $0.lane == lane) && !isAnswered($0.id, by: lane) }
            .sorted { $0.id < $1.id }
    }

    /// The commands for a lane that cannot be read, and that nobody has answered for it.
    public func unreadable(for lane: UInt16) -> [UnreadableCommand] {
        let commands = unreadable.compactMap { key, error in
            key.hasPrefix("command/") ? UnreadableCommand(id: String(key.dropFirst(8)), why: "\(error)") : nil
        }
        return commands.filter { addressees[$0.id] ?? lane == lane && !isAnswered($0.id, by: lane) }.sorted { $0.id < $1.id }
    }

    /// An answer that cannot be read is one: a newer build that had the lane has judged the command.
    private func isAnswered(_ command: String, by lane: UInt16) -> Bool {
        answers[command]?.contains { $0.lane == lane } == true || unreadable["answer/\(command)/\(lane)"] != nil
    }
}

/// `<model>.control`: where operators' commands, their answers and the processes' statuses meet. Compacted; one partition.
public actor ControlTopic {
    public let topic: String
    private let properties: [String: String]
    private let logger: Logger
    private var consumer: Consumer?
    private var producer: Producer?
    public private(set) var view = ControlView()
    private static let patience = Duration.seconds(10)

    public init(topic: String, properties: [String: String], logger: Logger) {
        self.topic = topic
        self.properties = properties
        self.logger = logger
    }

    private var partition: TopicPartition { TopicPartition(topic: topic, partition: 0) }

    /// Reads everything there is.
    public func load() async throws {
        let reader = try CompactedReader(properties, logger: logger)
        var view = ControlView()
        do {
            _ = try await reader.read(partition) { records in
                for record in records { view.apply(key: record.key ?? [], value: record.value) }
            }
        } catch {
            await reader.close(within: .seconds(3))
            throw error
        }
        self.view = view
        // The reader stands at the end now and goes on tailing.
        consumer = reader.consumer
    }

    /// Reads on what has come, waiting at most `wait` for the first of it.
    public func refresh(wait: Duration) async throws {
        guard let consumer else { return try await load() }
        let (records, isLost) = try await consumer.poll(maximum: 1_000, wait: wait) { batch in
            var records: [ConsumedRecord] = []
            batch.forEach { records.append($0.detach()) }
            return (records, batch.events.contains(where: \.endsReading))
        }
        apply(records)
        guard isLost else { return }
        // Made anew, or damaged at rest: reading it from its start tells which.
        self.consumer = nil
        await consumer.close(within: .seconds(3))
    }

    private func apply(_ records: [ConsumedRecord]) {
        for record in records { view.apply(key: record.key ?? [], value: record.value) }
    }

    // MARK: - Writing

    public func send(_ command: ControlCommand) async throws {
        try await write("command/\(command.id)", try RecordJSON.encode(command))
    }

    public func send(_ answer: ControlAnswer) async throws {
        try await write("answer/\(answer.command)/\(answer.lane)", try RecordJSON.encode(answer))
    }

    public func send(status: [UInt8], process: String, instance: String) async throws {
        try await write("status/\(process)/\(instance)", status)
    }

    /// Takes the last word of a process back: it has ended in order.
    public func retire(status process: String, instance: String) async throws {
        try await write("status/\(process)/\(instance)", nil)
    }

    /// Takes a command and its answers out of the topic: it was obeyed, and whoever gave it knows.
    public func retire(_ command: String) async throws {
        // The command first: one without its answers would look as if nobody had obeyed it yet.
        try await write("command/\(command)", nil)
        for answer in view.answers[command] ?? [] { try await write("answer/\(command)/\(answer.lane)", nil) }
    }

    private func write(_ key: String, _ value: [UInt8]?) async throws {
        let record = OutgoingRecord(topic: topic, partition: 0, key: Array(key.utf8), value: value)
        let producer = try opened()
        do {
            _ = try await producer.produce([record])
        } catch {
            // One that has failed for good would fail for ever.
            if await producer.isFatal, self.producer === producer {
                self.producer = nil
                await producer.close(within: .seconds(1))
            }
            throw error
        }
    }

    private func opened() throws -> Producer {
        if let producer { return producer }
        let producer = try Producer(properties, logger: logger)
        self.producer = producer
        return producer
    }

    public func close() async {
        await consumer?.close(within: .seconds(3))
        await producer?.close(within: .seconds(3))
    }
}

extension ConsumerEvent {
    /// Nothing more comes of the partition.
    fileprivate var endsReading: Bool {
        switch self {
        case .corrupt, .outOfRange: true
        case .endOfPartition, .rebalance, .error: false
        }
    }
}
