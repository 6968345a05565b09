import Foundation

/// Takes members that died out of their consumer group, as the session timeout does.
///
/// noida-db 0.2.3 has no session timeout: a member that was killed stays, and whoever joins waits for it for good. So the tests say
/// LeaveGroup in its place, in the requests' oldest versions (kafka.apache.org/protocol). A real broker needs nobody for this.
public struct Undertaker: Sendable {
    private let group: String

    public init(group: String) { self.group = group }

    /// Buries the member with this place in the order of seniority, if the broker does not do so itself. Trainers tell their age by the
    /// name of their client.
    public func bury(member place: Int) throws {
        guard NetworkBroker.isStandIn else { return }
        let broker = try Wire.connected(to: NetworkBroker.shared().bootstrapServers)
        let members = try members(broker).sorted { $0.client < $1.client }
        guard members.indices.contains(place) else { throw TestFailure("\(group) has \(members.count) members, none at place \(place)") }
        var request = WireWriter.request(.leaveGroup, version: 0)
        request.append(group)
        request.append(members[place].id)
        var answer = try broker.ask(request)
        let error = answer.int16()
        guard error == 0 else { throw TestFailure("LeaveGroup in place of \(members[place].client) is answered with error \(error)") }
    }

    private func members(_ broker: borrowing Wire) throws -> [(client: String, id: String)] {
        var request = WireWriter.request(.describeGroups, version: 0)
        request.append(Int32(1))
        request.append(group)
        var answer = try broker.ask(request)
        // One group: error, id, state, protocol type and protocol, then the members.
        _ = (answer.int32(), answer.int16(), answer.string(), answer.string(), answer.string(), answer.string())
        return answer.list { answer in
            let (id, client) = (answer.string(), answer.string())
            _ = (answer.string(), answer.bytes(), answer.bytes())
            return (client, id)
        }
    }
}
