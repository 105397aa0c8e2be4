package io.lorica.llm.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

import io.lorica.llm.projection.Dense;
import io.lorica.llm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The tensors of a model that are no matrix of a projection: embedding, norms, biases and head, by their names in the
/// Hugging Face layout. An adapter may carry its own instead of them. Dimensions: V tokens of the vocabulary, E
/// elements
/// of a hidden state.
public final class WholeTensors {

    /// The embedding's name.
    public static final String EMBEDDING = "model.embed_tokens.weight";
    /// The name of the norm after the last layer.
    public static final String NORM = "model.norm.weight";
    /// The head's name.
    public static final String HEAD = "lm_head.weight";

    private WholeTensors() {}

    /// Their shapes in the order of the model; the head is listed even where it is the embedding.
    public static SequencedMap<String, long[]> shapes(ModelConfig config) {
        SequencedMap<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(EMBEDDING, new long[] {config.vocabularySize(), config.hiddenSize()});
        for (int layer = 0; layer < config.layers(); layer++) {
            shapes.put(inputNorm(layer), new long[] {config.hiddenSize()});
            shapes.put(innerNorm(layer), new long[] {config.hiddenSize()});
            if (config.headNorms()) {
                shapes.put(queryNorm(layer), new long[] {config.headSize()});
                shapes.put(keyNorm(layer), new long[] {config.headSize()});
            }
            for (ProjectionKind kind : ProjectionKind.values()) {
                if (config.hasBias(kind)) {
                    shapes.put(bias(new ProjectionSite(layer, kind)), new long[] {config.outputs(kind)});
                }
            }
        }
        shapes.put(NORM, new long[] {config.hiddenSize()});
        shapes.put(HEAD, new long[] {config.vocabularySize(), config.hiddenSize()});
        return shapes;
    }

    /// The tensors themselves, in the same order; embedding and head only where they are kept in full.
    public static SequencedMap<String, Tensor> of(ModelWeights weights) {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        addTokens(tensors, EMBEDDING, weights.embedding());
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            addLayer(tensors, layer, weights.layers().get(layer));
        }
        tensors.put(NORM, weights.norm());
        addTokens(tensors, HEAD, weights.head());
        return tensors;
    }

    private static void addTokens(SequencedMap<String, Tensor> tensors, String name, TokenMatrix matrix) {
        if (matrix instanceof FullTokens full) {
            tensors.put(name, full.matrix());
        }
    }

    private static void addLayer(SequencedMap<String, Tensor> tensors, int layer, LayerWeights own) {
        tensors.put(inputNorm(layer), own.inputNorm());
        tensors.put(innerNorm(layer), own.innerNorm());
        HeadNorms norms = own.headNorms();
        if (norms != null) {
            tensors.put(queryNorm(layer), norms.query());
            tensors.put(keyNorm(layer), norms.key());
        }
        for (ProjectionKind kind : ProjectionKind.values()) {
            Tensor bias = own.projection(kind).bias();
            if (bias != null) {
                tensors.put(bias(new ProjectionSite(layer, kind)), bias);
            }
        }
    }

    /// The same weights with these tensors in the place of their own. A head that was the embedding stays what it was
    /// when only one of both is replaced, as in PEFT.
    public static ModelWeights replace(ModelWeights weights, Map<String, Tensor> own) {
        if (own.isEmpty()) {
            return weights;
        }
        List<LayerWeights> layers = new ArrayList<>();
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            layers.add(layer(layer, weights.layers().get(layer), own));
        }
        return new ModelWeights(
                tokens(own.get(EMBEDDING), weights.embedding()),
                layers,
                own.getOrDefault(NORM, weights.norm()),
                tokens(own.get(HEAD), weights.head()));
    }

    private static TokenMatrix tokens(@Nullable Tensor own, TokenMatrix otherwise) {
        return own == null ? otherwise : new FullTokens(own);
    }

    private static LayerWeights layer(int layer, LayerWeights weights, Map<String, Tensor> own) {
        Map<ProjectionKind, Dense> projections = new EnumMap<>(ProjectionKind.class);
        for (ProjectionKind kind : ProjectionKind.values()) {
            Dense dense = weights.projection(kind);
            @Nullable Tensor bias = own.get(bias(new ProjectionSite(layer, kind)));
            projections.put(kind, bias == null ? dense : new Dense(dense.weight(), bias));
        }
        return new LayerWeights(
                own.getOrDefault(inputNorm(layer), weights.inputNorm()),
                own.getOrDefault(innerNorm(layer), weights.innerNorm()),
                headNorms(layer, weights.headNorms(), own),
                projections,
                projections.equals(weights.projections()) ? weights.joined() : Map.of());
    }

    private static @Nullable HeadNorms headNorms(int layer, @Nullable HeadNorms norms, Map<String, Tensor> own) {
        return norms == null
                ? null
                : new HeadNorms(
                        own.getOrDefault(queryNorm(layer), norms.query()),
                        own.getOrDefault(keyNorm(layer), norms.key()));
    }

    /// The name of a projection's bias.
    public static String bias(ProjectionSite site) {
        return site.path() + ".bias";
    }

    /// The name of the norm before a layer's attention.
    static String inputNorm(int layer) {
        return "model.layers." + layer + ".input_layernorm.weight";
    }

    /// The name of the norm before a layer's feed-forward part.
    static String innerNorm(int layer) {
        return "model.layers." + layer + ".post_attention_layernorm.weight";
    }

    /// The name of the norm of a layer's queries.
    static String queryNorm(int layer) {
        return "model.layers." + layer + ".self_attn.q_norm.weight";
    }

    /// The name of the norm of a layer's keys.
    static String keyNorm(int layer) {
        return "model.layers." + layer + ".self_attn.k_norm.weight";
    }
}
