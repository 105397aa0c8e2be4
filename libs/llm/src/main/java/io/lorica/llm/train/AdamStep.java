package io.lorica.llm.train;

import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// One step of AdamW (https://arxiv.org/abs/1711.05101): m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g²,
/// p ← p(1-ηλ) - η · m̂ / (√v̂ + ε), where m̂ and v̂ are corrected for their start at 0.
///
/// @param spec β₁, β₂ and ε
/// @param weightDecay λ
/// @param number the step's number, from 1
/// @param rate η
/// @param gradientScale a factor on every gradient, below 1 where they are clipped
record AdamStep(OptimizerSpec spec, double weightDecay, int number, double rate, double gradientScale) {

    /// The same step at a multiple of its rate.
    AdamStep faster(double factor) {
        return new AdamStep(spec, weightDecay, number, rate * factor, gradientScale);
    }

    /// Moves parameters p and their moments m and v along a gradient, all of one shape.
    void move(Tensor values, Tensor gradient, Tensor mean, Tensor variance) {
        double firstCorrection = 1 - Math.pow(spec.beta1(), number);
        double rootOfSecondCorrection = Math.sqrt(1 - Math.pow(spec.beta2(), number));
        try (TensorScope work = TensorScope.of(values).child("update")) {
            Tensor scaled = work.borrow(gradient).mul(gradientScale);
            mean.mulInPlace(spec.beta1()).addInPlace(scaled.mul(1 - spec.beta1()));
            variance.mulInPlace(spec.beta2())
                    .addInPlace(scaled.mulInPlace(scaled).mulInPlace(1 - spec.beta2()));
            Tensor denominator = work.borrow(variance)
                    .sqrt()
                    .divInPlace(rootOfSecondCorrection)
                    .addInPlace(spec.epsilon());
            Tensor change = work.borrow(mean).div(denominator).mulInPlace(rate / firstCorrection);
            values.mulInPlace(1 - rate * weightDecay).subInPlace(change);
        }
    }
}
