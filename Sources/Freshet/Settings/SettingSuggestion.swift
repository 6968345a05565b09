/// The candidate nearest to a mistyped word, when one is near enough to be meant.
func nearest(_ word: String, among candidates: some Collection<String>) -> String? {
    let distances = candidates.map { (name: $0, distance: editDistance(folded(word), folded($0))) }
    guard let best = distances.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
    let shorter = min(word.count, best.name.count)
    return best.distance <= max(1, min(2, shorter / 3)) ? best.name : nil
}

/// `hold_back`, `hold-back` and `HoldBack` are all meant as `holdBack`.
private func folded(_ word: String) -> [Character] {
    word.lowercased().filter { $0 != "_" && $0 != "-" }
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other (optimal string alignment).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
            row.append(best)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
