package io.lorica.llm.model;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.TensorScope;

/// Rotary position embedding (https://arxiv.org/abs/2104.09864): pair i of a head's elements turns by
/// position · θ^(-2i/D).
final class RotaryEmbedding {

    private final float[] frequencies;

    RotaryEmbedding(ModelConfig config) {
        frequencies = new float[config.headSize() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double exponent = 2.0 * i / config.headSize();
            frequencies[i] = config.ropeScaling().scale((float) (1 / Math.pow(config.ropeTheta(), exponent)));
        }
    }

    /// Cosine and sine of the angles of consecutive positions, each `(T, D/2)`.
    Angles angles(TensorScope scope, int firstPosition, int positions) {
        int half = frequencies.length;
        float[] cos = new float[positions * half];
        float[] sin = new float[positions * half];
        for (int t = 0; t < positions; t++) {
            for (int i = 0; i < half; i++) {
                // Rounded to float32 first, as the reference implementation does.
                float angle = (firstPosition + t) * frequencies[i];
                cos[t * half + i] = (float) Math.cos(angle);
                sin[t * half + i] = (float) Math.sin(angle);
            }
        }
        return new Angles(scope.floats(cos, positions, half), scope.floats(sin, positions, half));
    }

    /// The angles of a stretch of positions.
    ///
    /// @param cos cosines, `(T, D/2)`
    /// @param sin sines, `(T, D/2)`
    record Angles(NDArray cos, NDArray sin) {}
}
