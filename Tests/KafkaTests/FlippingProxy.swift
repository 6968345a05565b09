import EmbeddedBroker
import Synchronization
import TestSupport

/// Flips one bit in the fetched answers that hold a marker, so many times.
final class FlippingProxy: Sendable {
    private let proxy: KafkaProxy
    private let flips: Flips

    private final class Flips: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        var count: Int { left.withLock { $0 } }

        /// Whether there was one left.
        func take() -> Bool {
            left.withLock { left in
                guard left > 0 else { return false }
                left -= 1
                return true
            }
        }
    }

    /// Flips that are still to come.
    var remainingFlips: Int { flips.count }

    var bootstrapServers: String { proxy.bootstrapServers }

    init(to broker: EmbeddedBroker, marker: String, flips count: Int) throws {
        let flips = Flips(count)
        self.flips = flips
        proxy = try KafkaProxy(to: broker.bootstrapServers)
        proxy.arm(
            ProxyRule(.response, of: .fetch, times: .max) { message in
                guard let place = message.place(of: marker), flips.take() else { return .forward }
                return .replace(message.flipped(at: place))
            })
    }
}
