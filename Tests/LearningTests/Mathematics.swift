import Foundation

extension Double {
    var exponential: Double { exp(self) }
    var naturalLogarithm: Double { log(self) }
    var logistic: Double { 1 / (1 + exp(-self)) }
}
