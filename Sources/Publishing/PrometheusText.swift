/// The Prometheus text format 0.0.4: names, escapes and numbers.
enum PrometheusText {
    static func family(_ name: String, _ family: MetricFamily, help: String?) -> String {
        guard !family.series.isEmpty else { return "" }
        var text = help.map { "# HELP \(name) \(escaped($0, quotes: false))\n" } ?? ""
        text += "# TYPE \(name) \(family.kind.rawValue)\n"
        let rows = family.series.map { (key: render($0.key, upTo: nil), labels: $0.key, series: $0.value) }
        for row in rows.sorted(by: { $0.key < $1.key }) { text += row.series.lines(name, row.labels) }
        return text
    }

    /// One line.
    /// - Parameter bound: the `le` label of a histogram's bucket.
    static func sample(_ name: String, _ labels: MetricLabels, _ value: Double, upTo bound: Double? = nil) -> String {
        "\(name)\(render(labels, upTo: bound)) \(number(value))\n"
    }

    /// A metric name of the letters the format allows.
    static func name(_ label: String) -> String { legal(label, allowing: ":") }

    /// A label name of the letters the format allows.
    static func labelName(_ label: String) -> String { legal(label, allowing: "") }

    private static func legal(_ label: String, allowing extra: String) -> String {
        let mapped = String(label.map { ($0.isASCII && ($0.isLetter || $0.isNumber)) || extra.contains($0) ? $0 : "_" })
        guard let first = mapped.first else { return "_" }
        return first.isNumber ? "_" + mapped : mapped
    }

    private static func render(_ labels: MetricLabels, upTo bound: Double?) -> String {
        var pairs = labels.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        if let bound { pairs.append("le=\"\(number(bound))\"") }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        // Whole numbers without a fraction, as every other exporter writes them.
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }
}
