/// What keeps a client from its brokers. A call that waits for one says in the end only that there was none; callbacks have told why meanwhile.
struct ConnectionTrouble: Sendable {
    /// What says most of it. A refusal has the disposition `other`, everything else may pass.
    private(set) var cause: KafkaError?
    /// What is wrong with the certificate that was looked at last.
    private var certificate: String?

    /// Notes what OpenSSL has against a broker's certificate, and says it: librdkafka's one sentence is about the authority whatever that is.
    ///
    /// - Parameter fault: an `X509_V_ERR_…` (openssl/x509_vfy.h).
    mutating func note(fault: Int32, inCertificateOf broker: String) -> String {
        let complaint =
            switch fault {
            case 9: "is not valid yet: put this machine's clock right, or have a new one made"
            case 10: "has expired: renew it on the broker, or put this machine's clock right"
            case 2, 18, 19, 20, 21:
                "is signed by an authority that is not trusted here: give that authority's certificate as ssl.ca.location"
            case 62, 64:
                "is for another host: connect by a name that it has (bootstrap.servers, advertised.listeners), or add this one to it"
            default: "is refused with X509_V_ERR \(fault) of openssl/x509_vfy.h: have a new one made"
            }
        let sentence = "the certificate of \(broker) \(complaint)"
        certificate = sentence
        cause = KafkaError(code: KafkaError.Code.tls, reason: sentence, operation: "client", disposition: .other)
        return sentence
    }

    /// Takes what librdkafka says of the client, and gives it back with what can be done about it.
    mutating func note(_ error: KafkaError) -> KafkaError {
        var error = error
        // Comes now and then under the code of a lost connection.
        if error.reason.contains("certificate verify failed"), let certificate {
            error.reason = certificate
            return error
        }
        guard let advice = Self.advice(error) else { return error }
        // How long it was in which state follows, and how often that has been.
        if let state = error.reason.ranges(of: " (after ").last { error.reason.removeSubrange(state.lowerBound...) }
        error.reason += advice
        if error.code == KafkaError.Code.authentication {
            cause = error
            cause?.disposition = .other
        } else if Self.weight(of: error) >= cause.map(Self.weight) ?? 0 {
            cause = error
        }
        return error
    }

    /// A broker that refuses us says more than one that does not understand us, and that more than one that is not there: the same attempt to
    /// connect may tell of two.
    private static func weight(of error: KafkaError) -> Int {
        if error.isRefusedConnection { return 2 }
        return error.reason.contains("SSL") ? 1 : 0
    }

    /// A broker has answered.
    mutating func end() { cause = nil }

    /// A call's error, with its cause where the call itself only says that no broker was reached.
    func explain(_ error: KafkaError) -> KafkaError {
        guard var cause, [KafkaError.Code.transport, KafkaError.Code.timedOut].contains(error.code) else { return error }
        (cause.operation, cause.topicPartition) = (error.operation, error.topicPartition)
        return cause
    }

    /// What to look at; nil for what is no connection's.
    private static func advice(_ error: KafkaError) -> String? {
        switch error.code {
        case KafkaError.Code.authentication:
            return ": check sasl.mechanism, sasl.username and sasl.password"
        case KafkaError.Code.tls, KafkaError.Code.transport, KafkaError.Code.resolve:
            // A handshake that fails while something is sent has the code of a lost connection.
            let isHandshake = error.code == KafkaError.Code.tls || error.reason.contains("SSL routines")
            return isHandshake ? ": check the port, security.protocol and, if the broker wants to see one, ssl.certificate.location" : ""
        default:
            return nil
        }
    }
}

extension KafkaError {
    /// Whether a broker was there and one side did not accept who the other says to be: by a password or a certificate. At a start that is a wrong
    /// setting; later it may be one that is being replaced.
    public var isRefusedConnection: Bool { [Code.tls, Code.authentication].contains(code) && disposition == .other }
}
