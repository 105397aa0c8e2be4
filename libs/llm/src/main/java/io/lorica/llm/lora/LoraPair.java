package io.lorica.llm.lora;

import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.DoraProjection;
import io.lorica.llm.projection.LoraProjection;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// The adapter of one projection.
///
/// @param site which projection
/// @param scale the factor on B·A
/// @param a A, `(rank, in)`
/// @param b B, `(out, rank)`
/// @param magnitude the learned length of each row of the whole weight (DoRA), `(out)`, null for plain LoRA
public record LoraPair(
        ProjectionSite site,
        double scale,
        Tensor a,
        Tensor b,
        @Nullable Tensor magnitude) {

    static final String PREFIX = "base_model.model.";

    /// The matrix of one dense map that does what a frozen map and this pair do, `(out, in)`, in float32.
    Tensor wholeWeight(TensorScope scope, Dense dense) {
        LoraProjection lora = new LoraProjection(dense, a, b, scale, 0);
        return magnitude == null ? lora.mergedWeight(scope) : new DoraProjection(lora, magnitude).mergedWeight(scope);
    }

    /// The pair of some of the projection's outputs.
    LoraPair rows(TensorScope scope, long first, long count) {
        Tensor lengths = magnitude;
        return new LoraPair(
                site,
                scale,
                a,
                Tensors.narrow(scope.borrow(b), 0, first, count),
                lengths == null ? null : Tensors.narrow(scope.borrow(lengths), 0, first, count));
    }

    static String nameOfA(ProjectionSite site) {
        return PREFIX + site.path() + ".lora_A.weight";
    }

    static String nameOfB(ProjectionSite site) {
        return PREFIX + site.path() + ".lora_B.weight";
    }

    /// The name of the bias of an adapted projection, given its name in the model.
    static String nameOfBias(String bias) {
        return PREFIX + bias.replaceFirst("bias$", "base_layer.bias");
    }

    static String nameOfMagnitude(ProjectionSite site) {
        return PREFIX + site.path() + ".lora_magnitude_vector";
    }
}
