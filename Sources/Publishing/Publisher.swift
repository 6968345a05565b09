import Hummingbird

/// What the routes share: what is served, what is allowed, what time it is.
struct Publisher: Sendable {
    let box: SnapshotBox
    let configuration: PublishingConfiguration
    let metrics: PublishingMetrics
    let registry: PrometheusRegistry
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    func served() throws -> ServedModel {
        guard let served = box.served else {
            throw HTTPError(
                .serviceUnavailable, message: box.notice ?? "No version has been cleared for serving yet; try again in a few seconds.")
        }
        return served
    }

    /// The served model, if the path names it, and names its version when it names one.
    func served(_ context: some RequestContext) throws -> ServedModel {
        let served = try served()
        let model = try context.parameters.require("model")
        guard model == served.snapshot.modelName else {
            throw HTTPError(.notFound, message: "There is no model '\(model)' here; this publisher serves '\(served.snapshot.modelName)'.")
        }
        if let version = context.parameters.get("version"), version != served.version {
            throw HTTPError(.notFound, message: "Version \(version) is not served; version \(served.version) is.")
        }
        return served
    }

    func freshness(of served: ServedModel) -> Freshness {
        Freshness(of: served, now: now(), staleAfter: Int64(configuration.staleAfterSeconds * 1_000))
    }
}
