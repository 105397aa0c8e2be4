package io.lorica.llm.cuda;

/// What holds for one step of AdamW.
///
/// @param number the step's number, from 1
/// @param rate η
/// @param beta1 β₁
/// @param beta2 β₂
/// @param epsilon ε
public record AdamWStep(int number, double rate, double beta1, double beta2, double epsilon) {

    /// As the kernels' `Step` lies in memory.
    float[] values() {
        return new float[] {
            (float) rate,
            (float) beta1,
            (float) (1 - beta1),
            (float) beta2,
            (float) (1 - beta2),
            (float) epsilon,
            (float) (1 - Math.pow(beta1, number)),
            (float) Math.sqrt(1 - Math.pow(beta2, number))
        };
    }
}
