import Foundation
import Testing

@testable import Inspection

/// Feeds of one record a second whose gaps are what real ones are like. Under the exponential model alone they would be called silent between
/// 59 and 53,367 times a month (RELIABILITY, section 4.1).
enum GapKind: String, CaseIterable, Sendable {
    case exponential, gammaHalf, gammaFifth, lognormal, wideLognormal, batchesOfTwenty

    /// The next gap, in seconds; the mean is 1.
    func gap(_ random: inout SeededGenerator, number: Int) -> Double {
        switch self {
        case .exponential: -log(1 - random.uniform())
        case .gammaHalf: random.gamma(0.5) / 0.5
        case .gammaFifth: random.gamma(0.2) / 0.2
        case .lognormal: exp(random.normal() - 0.5)
        case .wideLognormal: exp(1.5 * random.normal() - 1.125)
        case .batchesOfTwenty: number % 20 == 19 ? -20 * log(1 - random.uniform()) : 0.001 * random.uniform()
        }
    }

    /// Three times what was found when the model was made, in seconds.
    var greatestThreshold: Double {
        switch self {
        case .exponential: 60
        case .gammaHalf: 120
        case .gammaFifth: 300
        case .lognormal: 600
        case .wideLognormal: 7_500
        case .batchesOfTwenty: 1_050
        }
    }
}

extension SeededGenerator {
    /// Box and Muller, 1958.
    mutating func normal() -> Double {
        let (radius, angle) = (1 - uniform(), uniform())
        return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
    }

    /// Marsaglia and Tsang, 2000.
    mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 {
            let larger = gamma(shape + 1)
            return larger * pow(1 - uniform(), 1 / shape)
        }
        let (d, c) = (shape - 1.0 / 3, 1 / (9 * (shape - 1.0 / 3)).squareRoot())
        while true {
            let x = normal()
            let cube = pow(1 + c * x, 3)
            guard cube > 0 else { continue }
            let u = 1 - uniform()
            if log(u) < 0.5 * x * x + d - d * cube + d * log(cube) { return d * cube }
        }
    }
}

@Suite struct ThirtyDaysTests {
    /// None of the gaps is called a stall, and a stop is: by one who looks once a second, within a second of the threshold.
    @Test(arguments: GapKind.allCases)
    func aMonthOfGapsHasNoFalseStallAndAStopIsFound(kind: GapKind) {
        var random = SeededGenerator(seed: 2_000 + UInt64(GapKind.allCases.firstIndex(of: kind) ?? 0))
        var detector = StallDetector()
        var (now, number, falseStalls) = (0.0, 0, 0)
        while now < 30 * 86_400 {
            now += kind.gap(&random, number: number)
            number += 1
            if detector.verdict(at: now).isSilent { falseStalls += 1 }
            detector.moved(at: now)
        }
        #expect(falseStalls == 0)
        let threshold = detector.threshold
        #expect(detector.mayFreeze && threshold < kind.greatestThreshold, "\(threshold)")
        var found: Double?
        for second in 0..<Int(threshold + 10) where found == nil && detector.verdict(at: now + Double(second)).isSilent {
            found = Double(second)
        }
        #expect(found.map { $0 > threshold && $0 <= threshold + 1 } == true, "\(String(describing: found)) with \(threshold)")
    }
}
