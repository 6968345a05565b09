/// A weight with its optimiser state: `z`, the sum of gradients less the proximal corrections, and `n`, the sum of squared gradients.
struct Slot: Equatable, Sendable {
    var z: Float = 0
    var n: Float = 0

    /// Also refuses −0 as `n`: the learner marks slots by the sign of `n` while it gathers an event.
    var isValid: Bool { z.isFinite && n.isFinite && n.sign == .plus }
}

/// FTRL-Proximal for one coordinate: McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", Algorithm 1.
///
///     w = 0 when |z| ≤ λ1, else −(z − sgn(z) λ1) · rate      rate = 1 / ((β + √n)/α + λ2)
///     σ = (√(n + g²) − √n)/α;  z += g − σ w;  n += g²
///
/// An importance weight multiplies `g`. A change of one coordinate is bounded by the rate before it: |Δw| ≤ |g| · rate, because
/// soft thresholding never widens a distance and √n only grows.
struct FTRLRule: Sendable {
    private let inverseAlpha: Float
    private let beta: Float
    private let lambda1: Float
    private let lambda2: Float

    init(_ parameters: FTRLParameters) {
        inverseAlpha = 1 / parameters.alpha
        beta = parameters.beta
        lambda1 = parameters.lambda1
        lambda2 = parameters.lambda2
    }

    /// The rule of the intercept, which is never regularised: a penalty there would pull every prediction towards one half.
    static func intercept(_ parameters: FTRLParameters) -> FTRLRule {
        var free = parameters
        free.lambda1 = 0
        free.lambda2 = 0
        return FTRLRule(free)
    }

    @inline(__always)
    func rate(root: Float) -> Float { 1 / ((beta + root) * inverseAlpha + lambda2) }

    @inline(__always)
    func weight(z: Float, rate: Float) -> Float {
        let excess = abs(z) - lambda1
        guard excess > 0 else { return 0 }
        return z < 0 ? excess * rate : -(excess * rate)
    }

    func weight(of slot: Slot) -> Float { weight(z: slot.z, rate: rate(root: slot.n.squareRoot())) }

    /// The state after the gradient `g`, not 0, at `weight`. `root` is √n.
    ///
    /// σ is written as g²/(√(n + g²) + √n)/α, which is the paper's difference of roots without its cancellation: in Float
    /// the difference has no correct digit left once n exceeds g² ten-million-fold.
    @inline(__always)
    func updated(z: Float, n: Float, root: Float, weight: Float, gradient g: Float) -> Slot {
        let square = g * g
        let sum = n + square
        let sigma = square / (sum.squareRoot() + root) * inverseAlpha
        return Slot(z: z + (g - sigma * weight), n: sum)
    }
}
