package io.lorica.llm.model;

import java.util.stream.IntStream;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;

/// Rotary position embedding (https://arxiv.org/abs/2104.09864): pair i of a head's elements turns by
/// position · frequency(i). Dimensions: B rows, T positions, D elements of a head.
final class RotaryEmbedding {

    private final Rope rope;
    private final int headSize;
    private final ElementType type;

    /// @param type the type that the model computes in
    RotaryEmbedding(ModelConfig config, ElementType type) {
        this.rope = config.rope();
        this.headSize = config.headSize();
        this.type = type;
    }

    /// Cosine and sine of the angles of consecutive positions, each `(T, D/2)`.
    RotaryAngles angles(TensorScope scope, int firstPosition, int positions) {
        int end = firstPosition + positions;
        int[] consecutive = IntStream.range(firstPosition, end).toArray();
        return angles(scope, consecutive, end, positions, headSize / 2);
    }

    /// Cosine and sine of the angles of a layout's positions, each `(B, 1, T, D/2)`.
    RotaryAngles angles(TensorScope scope, SequenceLayout layout) {
        return angles(scope, layout.positions(), layout.longest(), layout.rows(), 1, layout.width(), headSize / 2);
    }

    private RotaryAngles angles(TensorScope scope, int[] positions, int length, long... shape) {
        RotaryAngles wide = wide(scope, positions, length, shape);
        return new RotaryAngles(wide.cos().to(type), wide.sin().to(type));
    }

    /// Cosine and sine of the angles of the first positions in float32, each `(T, D/2)`.
    ///
    /// @param longest how many positions the longest sequence has
    RotaryAngles wide(TensorScope scope, int positions, int longest) {
        int[] consecutive = IntStream.range(0, positions).toArray();
        return wide(scope, consecutive, longest, positions, headSize / 2);
    }

    /// How far each of the D/2 pairs turns from one position to the next.
    ///
    /// @param longest how many positions the longest sequence has
    float[] frequencies(int longest) {
        return rope.scaling().frequencies(rope.theta(), headSize, longest);
    }

    private RotaryAngles wide(TensorScope scope, int[] positions, int longest, long... shape) {
        float[] frequencies = frequencies(longest);
        double factor = rope.scaling().attentionFactor();
        int half = frequencies.length;
        float[] cos = new float[positions.length * half];
        float[] sin = new float[positions.length * half];
        for (int t = 0; t < positions.length; t++) {
            for (int i = 0; i < half; i++) {
                // Rounded to float32 first, as the reference implementation does.
                float angle = positions[t] * frequencies[i];
                cos[t * half + i] = (float) (Math.cos(angle) * factor);
                sin[t * half + i] = (float) (Math.sin(angle) * factor);
            }
        }
        return new RotaryAngles(scope.floats(cos, shape), scope.floats(sin, shape));
    }
}
