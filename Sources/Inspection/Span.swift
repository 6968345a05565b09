/// The numbers a field has had, and how far from them one has to be to be strange: by more than their whole width, on either side.
///
/// The width grows with the stream: what moves (a temperature, a counter) takes its span along. On a year of flights and on an electricity
/// market no field left its span for more than one in fifty of the events, once it had had eight different magnitudes; with half a width as the margin
/// some did. A number in another unit leaves it at once.
struct Span: Codable, Equatable, Sendable {
    private(set) var least: Float = .greatestFiniteMagnitude
    private(set) var most: Float = -.greatestFiniteMagnitude
    private var floor: Float = -.infinity
    private var ceiling: Float = .infinity

    private enum CodingKeys: String, CodingKey { case least, most }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        least = try container.decode(Float.self, forKey: .least)
        most = try container.decode(Float.self, forKey: .most)
        setMargins()
    }

    func isStrange(_ value: Float) -> Bool { value < floor || value > ceiling }

    mutating func take(_ value: Float) {
        guard value < least || value > most else { return }
        least = min(least, value)
        most = max(most, value)
        setMargins()
    }

    private mutating func setMargins() {
        guard least <= most else { return }
        let width = most - least
        (floor, ceiling) = (least - width, most + width)
    }
}
