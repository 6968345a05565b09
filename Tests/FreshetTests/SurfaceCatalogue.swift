import Foundation

/// The documentation catalogue, as the tests read it: what stands there is compared with what the program says.
enum Catalogue {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let pages = files(in: "Sources/Freshet/Documentation.docc").map { path in
        Page(name: URL(filePath: path).lastPathComponent, text: text(path))
    }

    static func page(_ name: String) -> Page { pages.first { $0.name == "\(name).md" } ?? Page(name: name, text: "") }

    /// The text of a file of the repository; empty when there is none.
    static func text(_ path: String) -> String { text(at: root.appending(path: path)) }

    private static func text(at url: URL) -> String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }

    /// The pages in a folder of the repository, by path.
    static func files(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
        return names.filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }

    /// The Swift files under a folder of the repository: path and text.
    static func sources(under folder: String) -> [(path: String, text: String)] {
        let base = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { ("\(folder)/\($0)", text(at: base.appending(path: $0))) }
    }
}

/// A page as the sequence of its headings, fenced blocks and tables.
struct Page: Sendable {
    enum Element: Sendable {
        case heading(String)
        case fence(Fence)
        case table(Table)
    }

    /// A block between fences. Behind the language stand attributes, as in `json surface=metrics`.
    struct Fence: Sendable {
        var language: String
        var attributes: [String: String]
        var text: String
    }

    struct Table: Sendable {
        var header: [String]
        var rows: [[String]]

        /// A column without the marks of code.
        func column(_ name: String) -> [String] {
            guard let index = header.firstIndex(of: name) else { return [] }
            return rows.map { $0[index].uncoded }
        }
    }

    let name: String
    private(set) var elements: [Element] = []

    init(name: String, text: String) {
        self.name = name
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.hasPrefix("```") {
                elements.append(.fence(Fence(opening: line, &lines)))
            } else if line.hasPrefix("|") {
                elements.append(.table(Table(header: line, &lines)))
            } else if line.hasPrefix("#") {
                elements.append(.heading(line.drop { $0 == "#" || $0 == " " }.description))
            }
        }
    }

    var fences: [Fence] { elements.compactMap { if case .fence(let fence) = $0 { fence } else { nil } } }

    func fence(_ attribute: String, _ value: String) -> Fence? { fences.first { $0.attributes[attribute] == value } }

    /// The first table below a heading.
    func table(under heading: String) -> Table? {
        let start = elements.firstIndex { if case .heading(heading) = $0 { true } else { false } }
        return start.flatMap { firstTable(from: $0) }
    }

    /// The first table below a block.
    func table(after fence: Fence) -> Table? {
        let start = elements.firstIndex { if case .fence(let other) = $0 { other.text == fence.text } else { false } }
        return start.flatMap { firstTable(from: $0) }
    }

    /// The first table with these columns.
    func table(with header: [String]) -> Table? {
        elements.lazy.compactMap { if case .table(let table) = $0, table.header == header { table } else { nil } }.first
    }

    private func firstTable(from start: Int) -> Table? {
        elements[start...].lazy.compactMap { if case .table(let table) = $0 { table } else { nil } }.first
    }
}

extension Page.Fence {
    fileprivate init(opening: Substring, _ lines: inout ArraySlice<Substring>) {
        let words = opening.dropFirst(3).split(separator: " ")
        language = words.first.map(String.init) ?? ""
        let pairs = words.dropFirst().map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        attributes = Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
        let body = lines.prefix { !$0.hasPrefix("```") }
        lines = lines.dropFirst(body.count + 1)
        text = body.joined(separator: "\n")
    }
}

extension Page.Table {
    fileprivate init(header line: Substring, _ lines: inout ArraySlice<Substring>) {
        header = Self.cells(line)
        lines = lines.dropFirst()
        let body = lines.prefix { $0.hasPrefix("|") }
        lines = lines.dropFirst(body.count)
        rows = body.map(Self.cells)
    }

    /// `\|` is a bar inside a cell.
    private static func cells(_ line: Substring) -> [String] {
        let inner = line.replacing("\\|", with: "\u{0}").dropFirst().dropLast()
        return inner.split(separator: "|", omittingEmptySubsequences: false).map {
            $0.replacing("\u{0}", with: "|").trimmingCharacters(in: .whitespaces)
        }
    }
}

extension String {
    /// Without the marks of code around it.
    var uncoded: String { count > 1 && hasPrefix("`") && hasSuffix("`") ? String(dropFirst().dropLast()) : self }

    /// Every stretch of code in it.
    var codes: [String] { matches(of: /`([^`]+)`/).map { String($0.1) } }
}
