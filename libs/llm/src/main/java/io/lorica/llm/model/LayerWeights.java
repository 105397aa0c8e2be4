package io.lorica.llm.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiFunction;

import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The frozen tensors of one layer.
///
/// @param inputNorm gain of the norm before attention, `(E)`
/// @param innerNorm gain of the norm before the feed-forward block, `(E)`
/// @param headNorms gains of the norms of queries and keys, null for none
/// @param projections its seven projections
/// @param joined their matrices group by group; empty where an adapter's own tensors stand in between
public record LayerWeights(
        Tensor inputNorm,
        Tensor innerNorm,
        @Nullable HeadNorms headNorms,
        Map<ProjectionKind, Dense> projections,
        Map<ProjectionGroup, JoinedWeights> joined) {

    public LayerWeights {
        projections = new EnumMap<>(projections);
        joined = Map.copyOf(joined);
    }

    /// The joined matrices of a group.
    public JoinedWeights joined(ProjectionGroup group) {
        JoinedWeights weights = joined.get(group);
        if (weights == null) {
            throw new IllegalStateException("the weights of " + group + " are not joined");
        }
        return weights;
    }

    /// One of its projections.
    public Dense projection(ProjectionKind kind) {
        Dense dense = projections.get(kind);
        if (dense == null) {
            throw new IllegalStateException("the layer was built without " + kind.module());
        }
        return dense;
    }

    /// The same layer with other matrices, which are not joined.
    LayerWeights withMatrices(BiFunction<ProjectionKind, FrozenWeight, FrozenWeight> matrices) {
        Map<ProjectionKind, Dense> other = new EnumMap<>(ProjectionKind.class);
        projections.forEach((kind, dense) ->
                other.put(kind, new Dense(matrices.apply(kind, dense.weight()), dense.bias())));
        return new LayerWeights(inputNorm, innerNorm, headNorms, other, Map.of());
    }

    /// How many bytes they take in memory.
    long bytes() {
        HeadNorms norms = headNorms;
        long heads = norms == null ? 0 : norms.query().bytes() + norms.key().bytes();
        return inputNorm.bytes()
                + innerNorm.bytes()
                + heads
                + projections.values().stream().mapToLong(LayerWeights::bytes).sum();
    }

    private static long bytes(Dense dense) {
        Tensor bias = dense.bias();
        return dense.weight().bytes() + (bias == null ? 0 : bias.bytes());
    }
}
