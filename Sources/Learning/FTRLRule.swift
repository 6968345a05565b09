/// A weight with its optimiser state: `z`, the sum of gradients less the proximal corrections, and `n`, the sum of squared gradients.
struct Slot: Equatable, Sendable {
    var z: Float = 0
    var n: Float = 0

    func scaled(by share: Float) -> Slot { Slot(z: z * share, n: n * share) }

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

    /// - Parameter lanes: that share the stream (`FTRLParameters.ofOne(of:)`).
    init(_ parameters: FTRLParameters, lanes: UInt16 = 1) {
        let parameters = parameters.ofOne(of: lanes)
        inverseAlpha = 1 / parameters.alpha
        beta = parameters.beta
        lambda1 = parameters.lambda1
        lambda2 = parameters.lambda2
    }

    /// The rule of the intercept, which is never regularised: a penalty there would pull every prediction towards one half.
    static func intercept(_ parameters: FTRLParameters, lanes: UInt16 = 1) -> FTRLRule {
        var free = parameters
        free.lambda1 = 0
        free.lambda2 = 0
        return FTRLRule(free, lanes: lanes)
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

extension FTRLParameters {
    /// The parameters of one of `lanes` learners that each take a share of one stream and whose average predicts.
    ///
    /// A lane meets 1/L of the events, so its z and n are 1/L of what a single learner has. With α√L, β/√L, λ1/L and λ2/L the same weights
    /// follow from them, each lane moves L times as far an event, and the average moves as the single learner does. Without this the average of
    /// two lanes learns at 0.7 of the rate.
    func ofOne(of lanes: UInt16) -> FTRLParameters {
        guard lanes > 1 else { return self }
        let count = Float(lanes)
        var share = self
        share.alpha *= count.squareRoot()
        share.beta /= count.squareRoot()
        share.lambda1 /= count
        share.lambda2 /= count
        return share
    }
}
