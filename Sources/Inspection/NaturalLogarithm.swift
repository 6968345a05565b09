#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// The one file of this room that names a C library.

func naturalLogarithm(_ value: Double) -> Double { log(value) }

func naturalExponential(_ value: Double) -> Double { exp(value) }
