#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The logistic function. Computed in Double: the C library's rounding differs in the last bit between processors with and without
/// fused multiplication, and after rounding to Float that bit almost never survives.
@inline(__always)
func logistic(_ margin: Float) -> Float { Float(1 / (1 + exp(-Double(margin)))) }

func logarithm(_ value: Double) -> Double { log(value) }

func signedLogarithm(_ value: Float) -> Float {
    let size = Float(log1p(Double(abs(value))))
    return value < 0 ? -size : size
}
