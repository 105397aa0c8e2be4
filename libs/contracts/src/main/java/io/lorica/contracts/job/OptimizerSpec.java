package io.lorica.contracts.job;

/// The optimizer, in the wording of transformers.
///
/// @param kind which one
/// @param beta1 how slowly the mean of the gradients forgets, in [0, 1)
/// @param beta2 how slowly the mean of their squares forgets, in [0, 1)
/// @param epsilon what is added to the root of that mean, above 0
public record OptimizerSpec(OptimizerKind kind, double beta1, double beta2, double epsilon) {

    /// AdamW as transformers sets it.
    public static final OptimizerSpec DEFAULTS = new OptimizerSpec(OptimizerKind.ADAMW, 0.9, 0.999, 1e-8);

    public OptimizerSpec {
        share("adam_beta1", beta1);
        share("adam_beta2", beta2);
        if (!(epsilon > 0)) {
            throw new IllegalArgumentException("adam_epsilon is " + epsilon + "; it must be above 0");
        }
    }

    private static void share(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be in [0, 1)");
        }
    }
}
