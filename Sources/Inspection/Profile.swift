public import Learning

/// What one field looked like so far.
public struct FieldProfile: Codable, Equatable, Sendable {
    public let name: String
    /// How many events the profile had seen before the first one that counts for this field.
    public let since: UInt64
    /// The event that had the field last, counted from 1; 0 if none had it.
    public private(set) var lastSeen: UInt64 = 0
    /// The values as the learner sees them: 1 for a category, the transformed number for a number. `values.count` is the number of
    /// events that had the field; of a field that occurs twice in an event the first value counts.
    public private(set) var values = Moments()

    public var present: UInt64 { values.count }

    /// True for the first value of an event.
    fileprivate mutating func observe(_ value: Float, at event: UInt64) -> Bool {
        guard lastSeen != event else { return false }
        lastSeen = event
        values.observe(Double(value))
        return true
    }
}

/// Streaming sketches of inputs, labels and predictions: the reference for "normal", for the trainer and for the publisher.
///
/// Bounded: the first `fieldLimit` fields with names of at most `nameLimit` bytes are profiled, features of others are counted.
public struct Profile: Codable, Equatable, Sendable {
    public static let fieldLimit = 1000
    /// In UTF-8 bytes.
    public static let nameLimit = 512

    /// Examples observed.
    public private(set) var events: UInt64 = 0
    /// In the order of their first appearance.
    public private(set) var fields: [FieldProfile] = []
    public private(set) var label = Moments()
    public private(set) var prediction = Moments()
    /// Predictions that were no numbers: a damaged model.
    public private(set) var nonFinitePredictions: UInt64 = 0
    /// Features of fields beyond the limits.
    public private(set) var unprofiledFeatures: UInt64 = 0

    /// Whether the event observed last had a field that none before had.
    var lastEventHadNewField: Bool { map.hadNewField }

    private var map = FieldMap()

    private enum CodingKeys: String, CodingKey {
        case events, fields, label, prediction, nonFinitePredictions, unprofiledFeatures
    }

    /// - Parameter names: fields to profile from the first event on, whether or not they ever appear.
    public init(expecting names: [String] = []) {
        for name in names where fields.count < Self.fieldLimit && !fields.contains(where: { $0.name == name }) {
            fields.append(FieldProfile(name: name, since: 0))
        }
    }

    /// How many events could have had the field.
    public func seen(_ field: FieldProfile) -> UInt64 { events - field.since }

    /// The share of the events since the field's first that lacked it.
    public func missingRate(of field: FieldProfile) -> Double {
        let seen = seen(field)
        return seen == 0 ? 0 : Double(seen - min(seen, field.present)) / Double(seen)
    }

    /// Whether the event observed last had the field.
    func lastEventHad(_ field: Int) -> Bool { fields[field].lastSeen == events }

    /// The first feature of the field in the batch of the event observed last; nil if that did not have the field.
    func lastFeature(of field: Int) -> Int? { lastEventHad(field) ? map.lastFeatures[field] : nil }

    /// The position among `fields` of the decoder's field with this index, as far as an event with it was observed; nil of a field beyond the
    /// limits.
    public func position(of index: Int) -> Int? {
        let position = map.position(of: index)
        return position >= 0 ? position : nil
    }

    /// Takes one row.
    ///
    /// - Parameter labelled: false for a request for a prediction, whose label is no label.
    public mutating func observe(_ row: Int, of batch: ExampleBatch, labelled: Bool = true) {
        if !map.describes(batch.fieldNames) { map.describe(batch.fieldNames, fields: fields) }
        events += 1
        map.hadNewField = false
        if labelled { label.observe(Double(batch.labels[row])) }
        for feature in batch.features(of: row) {
            let index = Int(batch.fields[feature])
            var field = map.position(of: index)
            if field == FieldMap.unmet { field = admit(index) }
            if field == FieldMap.unprofiled {
                unprofiledFeatures += 1
            } else if fields[field].observe(batch.values[feature], at: events) {
                map.note(feature: feature, of: field)
            }
        }
    }

    /// Begins to profile a field at its first appearance, so that the order of the fields depends on the events alone.
    private mutating func admit(_ index: Int) -> Int {
        let name = map.names[index]
        map.hadNewField = true
        guard fields.count < Self.fieldLimit, name.utf8.count <= Self.nameLimit else {
            map.set(FieldMap.unprofiled, for: index)
            return FieldMap.unprofiled
        }
        fields.append(FieldProfile(name: name, since: events - 1))
        map.set(fields.count - 1, for: index)
        return fields.count - 1
    }

    /// Whether counting on from here can overflow nothing.
    var isSound: Bool {
        let others = [label.count, prediction.count, nonFinitePredictions, unprofiledFeatures]
        return fields.allSatisfy { $0.values.count <= events } && others.allSatisfy { $0 <= 1 << 62 }
    }

    public mutating func observe(prediction value: Float) {
        guard value.isFinite else {
            nonFinitePredictions += 1
            return
        }
        prediction.observe(Double(value))
    }
}
