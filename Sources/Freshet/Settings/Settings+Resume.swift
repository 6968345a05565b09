import Inspection

extension Settings {
    /// Who ends a freeze, where both are possible.
    struct ResumePolicy: Equatable, Sendable {
        private(set) var departures: [FreezeKind: FreezeResume] = [:]

        subscript(kind: FreezeKind) -> FreezeResume {
            get { departures[kind] ?? kind.defaultResume }
            set { departures[kind] = newValue == kind.defaultResume ? nil : newValue }
        }
    }

    /// Kinds of freezes that end by themselves unless they are told not to. The others wait for a person in any case.
    static let kindsThatEnd = FreezeKind.allCases.filter { $0.doubtsContent && $0.defaultResume == .automatic }

    static let resumeKeys: [SettingKey] = kindsThatEnd.map { kind in
        SettingKey(
            "watchdog.resume.\(kind.rawValue)", .choice, \.watchdog.resume[kind],
            "Whether a freeze for `\(kind.rawValue)` ends by itself once the events are clean again, or waits for an operator.")
    }
}
