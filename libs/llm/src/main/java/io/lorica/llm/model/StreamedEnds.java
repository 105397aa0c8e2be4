package io.lorica.llm.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.weights.TensorSource;

/// Builds models of a base's shape with other embeddings, heads, norms and biases. Embedding and head are never in
/// memory as a whole, so that such a model costs a few chunks of memory beside the base.
///
/// @param scope owns norms and biases
/// @param base the model whose shape it is
/// @param tensors gives tensors by their names in Hugging Face's layout ([WholeTensors]), empty where they stay the
///     base's
/// @param type what the scores of a head are computed in
public record StreamedEnds(
        TensorScope scope, CausalLm base, Function<String, Optional<TensorSource>> tensors, ElementType type) {

    /// The base with these tensors in the place of its own; it computes in the type of the base.
    public CausalLm make() {
        ModelWeights weights = WholeTensors.replace(base.weights(), small());
        return base.withWeights(new ModelWeights(
                tokens(WholeTensors.EMBEDDING, weights.embedding()),
                weights.layers(),
                weights.norm(),
                tokens(WholeTensors.HEAD, weights.head())));
    }

    private Map<String, Tensor> small() {
        Map<String, Tensor> small = new LinkedHashMap<>();
        WholeTensors.shapes(base.config()).forEach((name, shape) -> {
            if (shape.length == 1) {
                tensors.apply(name).ifPresent(source -> small.put(name, loaded(source)));
            }
        });
        return small;
    }

    private Tensor loaded(TensorSource source) {
        try (TensorScope work = scope.child("load")) {
            Tensor values = source.rows().of(work, 0, source.size());
            Tensor own = scope.empty(base.type(), source.shape());
            Tensors.copyInto(own, values);
            return own;
        }
    }

    private TokenMatrix tokens(String name, TokenMatrix own) {
        return tensors.apply(name)
                .<TokenMatrix>map(source -> new StreamedTokens(source, type))
                .orElse(own);
    }
}
