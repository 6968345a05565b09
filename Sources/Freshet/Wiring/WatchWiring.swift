import Logging
import ServiceLifecycle
import Supervision

/// Everything a watchdog process is made of.
struct WatchWiring {
    let settings: Settings
    let logger: Logger
    private let loop: WatchLoop
    private let delivery: AlertDelivery
    private let hasSinks: Bool

    /// - Parameter extraSinks: further receivers of alerts, such as the demo's screen.
    init(settings: Settings, configurationFile: String, extraSinks: [any AlertSink] = []) throws {
        self.settings = settings
        logger = Logs.logger("watch", settings)
        var sinks = extraSinks
        if let alertmanager = settings.watch.alertmanager { sinks.append(AlertmanagerSink(base: alertmanager.url)) }
        if let webhook = settings.watch.webhook { sinks.append(WebhookSink(url: webhook.url)) }
        hasSinks = !sinks.isEmpty
        delivery = AlertDelivery(sinks: sinks, logger: logger)
        loop = try WatchLoop(settings: settings, configurationFile: configurationFile, delivery: delivery, logger: logger)
    }

    var services: [any Service] {
        let (delivery, loop) = (delivery, loop)
        // With nowhere to deliver to, delivery would end at once, and the others with it.
        return (hasSinks ? [Running { await delivery.run() }] : []) + [Running { try await loop.run() }]
    }
}
