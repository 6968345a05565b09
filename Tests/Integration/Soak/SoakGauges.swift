import Foundation
import Synchronization
import TestSupport

/// What is measured of a soak's processes while it lasts.
final class SoakGauges: Sendable {
    struct Sample {
        /// Seconds since the soak began.
        var time: Double
        var value: Double
        /// The process it is of.
        var process: pid_t?
    }

    private struct State {
        var trainer: ChildProcess?
        var publisher: Publisher?
        var isPublisherAway = true
        var samples: [String: [Sample]] = [:]
        var served: UInt64 = 0
        var answers = 0
        var complaints: [String] = []
    }

    private let state = Mutex(State())
    private let started = ContinuousClock.now

    func watch(trainer: ChildProcess) { state.withLock { $0.trainer = trainer } }

    func watch(publisher: Publisher) { state.withLock { $0.publisher = publisher } }

    func killPublisher() { state.withLock(\.publisher)?.process.kill() }

    /// While a publisher comes up nobody wants an answer of it.
    func excusePublisher(_ isAway: Bool) { state.withLock { $0.isPublisherAway = isAway } }

    /// Takes samples until cancelled.
    func run(_ faucet: Faucet, _ follower: LaneFollower, question: String) async {
        while !Task.isCancelled {
            let (trainer, publisher) = state.withLock { ($0.trainer, $0.publisher) }
            if let trainer { noteMemory(of: trainer, as: "trainer MiB") }
            if let publisher { noteMemory(of: publisher.process, as: "publisher MiB") }
            if let accounted = try? await follower.newest()?.accounted { note("lag, events", Double(faucet.count - accounted)) }
            if let publisher { await ask(publisher, question) }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func note(_ name: String, _ value: Double, of process: pid_t? = nil) {
        let time = (ContinuousClock.now - started) / .seconds(1)
        state.withLock { $0.samples[name, default: []].append(Sample(time: time, value: value, process: process)) }
    }

    private func noteMemory(of process: ChildProcess, as name: String) {
        if let value = Self.residentMiB(process.pid) { note(name, value, of: process.pid) }
    }

    /// A publisher answers whatever happens to the broker, and its version never goes back.
    private func ask(_ publisher: Publisher, _ question: String) async {
        guard !state.withLock(\.isPublisherAway) else { return }
        let asked = ContinuousClock.now
        do {
            guard let answer = try await publisher.predict(question), let version = UInt64(answer.version) else { return }
            note("answer, ms", (ContinuousClock.now - asked) / .milliseconds(1))
            state.withLock { state in
                state.answers += 1
                if version < state.served { state.complaints.append("version \(version) was served after \(state.served)") }
                state.served = version
            }
        } catch {
            state.withLock { if !$0.isPublisherAway { $0.complaints.append("no answer: \(error)") } }
        }
    }

    private static func residentMiB(_ pid: pid_t) -> Double? {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        return status.firstMatch(of: /VmRSS:\s+([0-9]+) kB/).flatMap { Double($0.1) }.map { $0 / 1_024 }
    }

    // MARK: - At the end

    var complaints: [String] { state.withLock(\.complaints) }

    /// Per gauge: how many samples; median and most in the first third of the time and in the last one.
    func report() -> String {
        let samples = state.withLock(\.samples)
        let rows = samples.sorted { $0.key < $1.key }.map { name, samples in
            let (early, late) = (Self.third(samples, 0), Self.third(samples, 2))
            let figures = [Self.median(early), early.max() ?? 0, Self.median(late), late.max() ?? 0].map { String(format: "%10.1f", $0) }
            return "  \(name.padding(toLength: 16, withPad: " ", startingAt: 0)) \(samples.count)\t\(figures.joined(separator: " "))"
        }
        return "gauge, samples, median and most in the first third, median and most in the last\n" + rows.joined(separator: "\n")
            + "\n\(state.withLock(\.answers)) answers, \(complaints.count) complaints"
    }

    /// Where a gauge's median in the last third is above that in the first by more than a part of it and by more than `slack`: of the soak, or
    /// of a process's life.
    ///
    /// A process's memory is judged within its life, once it has been up for a while. From life to life it grows with the log, which the broker
    /// of the tests never compacts and hands to whoever starts in one piece.
    func growth(of name: String, beyond part: Double, and slack: Double) -> [Span] {
        spans(of: name).filter { $0.late > $0.early + max($0.early * part, slack) }
    }

    /// The soak, or a process's life in it, as a gauge saw it.
    struct Span: CustomStringConvertible {
        /// In seconds since the soak began.
        var time: ClosedRange<Double>
        var process: pid_t?
        /// Medians of the first third and of the last.
        var early: Double
        var late: Double

        var description: String {
            let (from, to) = (Int(time.lowerBound), Int(time.upperBound))
            return String(format: "%10.1f %10.1f", early, late) + " from second \(from) to \(to)\(process.map { ", process \($0)" } ?? "")"
        }
    }

    /// In the order of time.
    func spans(of name: String) -> [Span] {
        let samples = state.withLock { $0.samples[name] ?? [] }
        return Dictionary(grouping: samples, by: \.process).compactMap { process, samples in
            let settled = process == nil ? samples : samples.filter { $0.time - samples[0].time >= Self.settling }
            guard let first = settled.first, let last = settled.last, process == nil || settled.count >= Self.leastSamples else {
                return nil
            }
            let (early, late) = (Self.median(Self.third(settled, 0)), Self.median(Self.third(settled, 2)))
            return Span(time: first.time...last.time, process: process, early: early, late: late)
        }.sorted { $0.time.lowerBound < $1.time.lowerBound }
    }

    /// Seconds after which a process has read what it reads at its start.
    private static let settling = 20.0
    /// Of a life that is worth judging.
    private static let leastSamples = 60

    private static func third(_ samples: [Sample], _ index: Int) -> [Double] {
        let (start, end) = (samples.first?.time ?? 0, samples.last?.time ?? 0)
        let range = start + (end - start) * Double(index) / 3...start + (end - start) * Double(index + 1) / 3
        return samples.filter { range.contains($0.time) }.map(\.value)
    }

    private static func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
}
