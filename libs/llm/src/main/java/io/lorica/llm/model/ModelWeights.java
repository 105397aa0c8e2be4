package io.lorica.llm.model;

import java.util.List;

import io.lorica.llm.tensor.Tensor;

/// The frozen tensors of a model. They belong to the scope that they were loaded into.
///
/// @param embedding one row for each token
/// @param layers the layers' tensors
/// @param norm gain of the last norm, `(E)`
/// @param head one row for each token; the embedding itself where both are tied
public record ModelWeights(TokenMatrix embedding, List<LayerWeights> layers, Tensor norm, TokenMatrix head) {

    public ModelWeights {
        layers = List.copyOf(layers);
    }
}
