package io.lorica.llm.train;

/// How long the gradients of a step may be.
///
/// @param scale what they come multiplied with, which is taken out first
/// @param most the norm that longer ones are brought down to; 0 leaves them
record GradientLimit(double scale, double most) {

    /// Gradients as they are.
    static final GradientLimit NONE = new GradientLimit(1, 0);

    private static final double EPSILON = 1e-6;

    /// What gradients are multiplied with before an update, as `torch.nn.utils.clip_grad_norm_` does.
    ///
    /// @param norm theirs, without the scale
    double factor(double norm) {
        return (most > 0 && norm > most ? most / (norm + EPSILON) : 1) / scale;
    }
}
