import EmbeddedBroker
import Foundation
import Kafka
import TestSupport
import Testing

struct ChildProcessTests {
    @Test func `a child holds no socket of its parent`() async throws {
        let broker = try EmbeddedBroker()
        try broker.createTopic("t", partitions: 1)
        let producer = try Producer(["bootstrap.servers": broker.bootstrapServers], logger: quiet)
        _ = try await producer.produce([OutgoingRecord(topic: "t", partition: 0, value: [1])])
        let folder = FileManager.default.temporaryDirectory.appending(path: NetworkBroker.uniqueName("child"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let child = try ChildProcess("/bin/ls", ["-l", "/proc/self/fd"], name: "ls", folder: folder)
        #expect(try await child.ended(by: .now + .seconds(30)) == .code(0), "\(child.errorText)")
        #expect(child.outputText.contains("/dev/null") && !child.outputText.contains("socket:"), "\(child.outputText)")
        try FileManager.default.removeItem(at: folder)
        await producer.close(within: .seconds(5))
    }
}
