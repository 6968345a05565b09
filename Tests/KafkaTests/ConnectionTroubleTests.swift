import Testing

@testable import Kafka

struct ConnectionTroubleTests {
    private let unreached = KafkaError(code: KafkaError.Code.transport, operation: "metadata")

    private func told(_ code: Int32, _ reason: String) -> KafkaError { KafkaError(code: code, reason: reason, operation: "client") }

    @Test func `a certificate's fault takes the place of librdkafka's sentence, under whatever code it comes`() {
        for code in [KafkaError.Code.tls, KafkaError.Code.transport] {
            var trouble = ConnectionTrouble()
            let sentence = trouble.note(fault: 10, inCertificateOf: "b:9093")
            #expect(sentence.hasPrefix("the certificate of b:9093 has expired: "))
            let failure = trouble.note(told(code, "ssl://b:9093/bootstrap: certificate verify failed"))
            #expect(failure.reason == sentence)
            let cause = trouble.explain(unreached)
            #expect(cause.reason == sentence && cause.operation == "metadata" && cause.isRefusedConnection)
        }
    }

    @Test func `a refused password is the cause until a broker answers, whatever else is told`() {
        var trouble = ConnectionTrouble()
        let refusal = trouble.note(told(KafkaError.Code.authentication, "b:1: denied (after 3ms in state AUTH_REQ)"))
        #expect(refusal.reason == "b:1: denied: check sasl.mechanism, sasl.username and sasl.password")
        // The client itself tries on.
        #expect(refusal.disposition == .retriable && !refusal.isRefusedConnection)
        _ = trouble.note(told(KafkaError.Code.transport, "c:1: Connection refused"))
        _ = trouble.note(told(KafkaError.Code.allBrokersDown, "2/2 brokers are down"))
        #expect(trouble.explain(unreached).isRefusedConnection && trouble.explain(unreached).reason == refusal.reason)
        trouble.end()
        #expect(trouble.explain(unreached) == unreached)
    }

    @Test func `a lost connection explains what was not answered, and nothing else`() {
        var trouble = ConnectionTrouble()
        _ = trouble.note(told(KafkaError.Code.transport, "b:1: Disconnected"))
        #expect(trouble.explain(unreached).reason == "b:1: Disconnected" && !trouble.explain(unreached).isRefusedConnection)
        _ = trouble.note(told(KafkaError.Code.transport, "b:1: SSL handshake failed: connecting to a PLAINTEXT broker listener?"))
        _ = trouble.note(told(KafkaError.Code.transport, "b:1: Disconnected"))
        #expect(trouble.explain(unreached).reason.contains("PLAINTEXT"))
        let denied = KafkaError(code: KafkaError.Code.clusterAuthorizationFailed, operation: "metadata")
        #expect(trouble.explain(denied) == denied)
    }
}
