import Checkpointing
import Events
import Foundation
import Inspection
import Learning
import Training

/// Settings → what the rooms need.
extension Settings {
    var names: Names { Names(model: model) }

    func specification() throws -> ModelSpecification {
        let schema = try EventSchema(
            label: input.label, time: input.time, id: input.id, weight: input.weight, fields: features.fields, declared: features.declared,
            undeclared: features.undeclared ?? (features.declared.isEmpty ? .learn : .ignore), hashSeed: features.seed,
            numbers: features.numbers, limits: input.limits)
        return ModelSpecification(learner: learner, events: schema)
    }

    var inspection: InspectionConfiguration {
        var policy: [DetectorFamily: DetectorAction] = [:]
        for family in DetectorFamily.allCases { policy[family] = watchdog.policy[family] }
        let required = features.declared.filter(\.value.required).keys.sorted()
        return InspectionConfiguration(policy: policy, required: required, rejectTolerance: watchdog.rejectTolerance)
    }

    var enginePolicy: EnginePolicy {
        var policy = EnginePolicy(inspection: inspection)
        switch watchdog.stall {
        case .auto: policy.stall = .auto
        case .after(let limit): policy.stall = .after(seconds: limit.seconds)
        case .off: policy.stallFreezes = false
        }
        policy.probationSeconds = watchdog.probation.seconds
        policy.twinAge = twinAge?.milliseconds
        policy.resumption = watchdog.resume.departures
        return policy
    }

    func laneConfiguration(until: Until?) throws -> LaneConfiguration {
        var lane = LaneConfiguration(
            specification: try specification(), policy: enginePolicy, interval: checkpoint.interval,
            holdBack: Clearance(holdBack: checkpoint.holdBack.seconds, holdBackEvents: UInt64(checkpoint.holdBackEvents)),
            start: input.start.inputStart, continuesOverGaps: input.gap == .continue, until: until)
        // How old the client's view of a topic may be, where the user says so.
        if let milliseconds = kafka.values["topic.metadata.refresh.interval.ms"].flatMap(Int64.init), milliseconds > 0 {
            lane.discovery = .milliseconds(milliseconds)
        }
        return lane
    }

    var retention: Retention {
        Retention(latest: checkpoint.retain.latest, hourly: checkpoint.retain.hourly, daily: checkpoint.retain.daily)
    }
}

extension Settings.Start {
    fileprivate var inputStart: InputStart {
        switch self {
        case .earliest: .earliest
        case .latest: .latest
        case .time(let time): .time(time)
        }
    }
}
