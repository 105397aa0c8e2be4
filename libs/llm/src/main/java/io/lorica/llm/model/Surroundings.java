package io.lorica.llm.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// What all layers of one forward pass share: the angles of the positions, what each position may see, and the cache.
/// Dimensions: B rows, T new positions, S all positions.
final class Surroundings {

    private final TensorScope scope;
    private final RotaryAngles angles;
    private final @Nullable SequenceLayout layout;
    private final @Nullable KvCache cache;
    private final int past;
    private final int positions;
    private final Map<Integer, Tensor> masks = new HashMap<>();

    private Surroundings(
            TensorScope scope,
            RotaryAngles angles,
            @Nullable SequenceLayout layout,
            @Nullable KvCache cache,
            int positions) {
        this.scope = scope;
        this.angles = angles;
        this.layout = layout;
        this.cache = cache;
        this.past = cache == null ? 0 : cache.length();
        this.positions = positions;
    }

    /// Sequences of a batch; masks and angles live in the scope.
    static Surroundings of(TensorScope scope, RotaryEmbedding rotary, SequenceLayout layout) {
        if (layout.plain()) {
            return new Surroundings(scope, rotary.angles(scope, 0, layout.width()), null, null, layout.width());
        }
        return new Surroundings(scope, rotary.angles(scope, layout), layout, null, layout.width());
    }

    /// Positions that continue those of a cache.
    static Surroundings of(TensorScope scope, RotaryEmbedding rotary, KvCache cache, int positions) {
        return new Surroundings(scope, rotary.angles(scope, cache.length(), positions), null, cache, positions);
    }

    RotaryAngles angles() {
        return angles;
    }

    @Nullable
    KvCache cache() {
        return cache;
    }

    /// What is added to the scores, `(T, S)` or `(B, 1, T, S)`; null where each position simply sees all before it, and
    /// nothing lies before the first.
    ///
    /// @param window how many positions a position sees, itself included; 0 for all
    @Nullable
    Tensor mask(int window) {
        boolean narrow = window > 0 && window < past + positions;
        if (layout == null && past == 0 && !narrow) {
            return null;
        }
        return masks.computeIfAbsent(narrow ? window : 0, this::newMask);
    }

    private Tensor newMask(int window) {
        int all = past + positions;
        int[] reaches = layout == null ? reachesOfOneSequence() : layout.reaches();
        float[] mask = new float[reaches.length * all];
        Arrays.fill(mask, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < reaches.length; i++) {
            int seen = window == 0 ? reaches[i] : Math.min(window, reaches[i]);
            int end = i * all + past + i % positions + 1;
            Arrays.fill(mask, end - seen, end, 0);
        }
        return layout == null
                ? scope.floats(mask, positions, all).to(angles.cos().type())
                : scope.floats(mask, layout.rows(), 1, positions, all)
                        .to(angles.cos().type());
    }

    private int[] reachesOfOneSequence() {
        int[] reaches = new int[positions];
        Arrays.setAll(reaches, t -> past + t + 1);
        return reaches;
    }
}
