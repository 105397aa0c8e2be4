package io.lorica.llm.fused;

import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// One batch through the model and back. Dimensions: n learned tokens.
///
/// @param model the model with its adapter
/// @param policy what is kept of a layer for the way back
public record GradientPass(FusedModel model, ActivationPolicy policy) {

    /// Collects the gradients of Σ weight · loss, and gives the losses in a scope.
    ///
    /// @param weight of every learned token: 1 by those of the whole optimizer step
    /// @param noise on the embeddings
    public FusedHead.Measured collect(TensorScope scope, PassBatch batch, double weight, EmbeddingNoise noise) {
        try (FusedPass pass = new FusedPass(model, batch, policy, noise);
                Tensor weights = scope.zeros(batch.learned()).addInPlace(weight)) {
            return backward(scope, pass, batch.targets(), weights);
        }
    }

    /// The same for inputs that lie on the device already, without noise.
    ///
    /// @param targets int64 `(n)`
    /// @param weights float32 `(n)`
    FusedHead.Measured collect(TensorScope scope, PassInputs inputs, Tensor targets, Tensor weights) {
        try (FusedPass pass = new FusedPass(scope, model, inputs, policy)) {
            return backward(scope, pass, targets, weights);
        }
    }

    private FusedHead.Measured backward(TensorScope scope, FusedPass pass, Tensor targets, Tensor weights) {
        FusedHead head = FusedHead.of(scope, model, pass.states(), targets, weights);
        pass.backward(head.gradient());
        return new FusedHead.Measured(head.losses(), head.hits());
    }
}
