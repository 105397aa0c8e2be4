package io.lorica.llm.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A decoder-only language model: embeddings, layers, norm, head. It owns no tensors: any number of models with
/// different adapters can stand on the same weights. Dimensions: B rows, T positions, E elements of a hidden state, V
/// tokens of the vocabulary.
public final class CausalLm {

    private final ModelConfig config;
    private final ModelWeights weights;
    private final ElementType type;
    private final List<DecoderLayer> layers;
    private final RmsNorm norm;
    private final RotaryEmbedding rotary;

    private CausalLm(
            ModelConfig config,
            ModelWeights weights,
            ElementType type,
            BiFunction<ProjectionSite, Dense, Projection> projections) {
        this.config = config;
        this.weights = weights;
        this.type = type;
        this.norm = new RmsNorm(weights.norm(), config.normEpsilon());
        this.rotary = new RotaryEmbedding(config, type);
        this.layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(layer, projections));
        }
    }

    /// The model without adapters.
    public static CausalLm of(ModelConfig config, ModelWeights weights) {
        return new CausalLm(config, weights, weights.embedding().type(), (site, dense) -> dense);
    }

    /// A model on the same weights whose projections are what the function makes of the frozen ones.
    public CausalLm withProjections(BiFunction<ProjectionSite, Dense, Projection> projections) {
        return new CausalLm(config, weights, type, projections);
    }

    /// A model of the same shape, which computes in the same type, on other weights.
    public CausalLm withWeights(ModelWeights other) {
        return new CausalLm(config, other, type, (site, dense) -> dense);
    }

    /// A model of the same shape whose projections stand on other matrices.
    public CausalLm withMatrices(BiFunction<ProjectionSite, FrozenWeight, FrozenWeight> matrices) {
        List<LayerWeights> other = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            int index = layer;
            other.add(weights.layers()
                    .get(layer)
                    .withMatrices((kind, weight) -> matrices.apply(new ProjectionSite(index, kind), weight)));
        }
        return withWeights(new ModelWeights(weights.embedding(), other, weights.norm(), weights.head()));
    }

    /// The model's shape.
    public ModelConfig config() {
        return config;
    }

    /// The frozen tensors that it stands on.
    public ModelWeights weights() {
        return weights;
    }

    /// The type that it computes in.
    public ElementType type() {
        return type;
    }

    /// Whether matrices of its layers are kept in few bits.
    public boolean quantized() {
        return weights.layers().stream()
                .flatMap(layer -> layer.projections().values().stream())
                .anyMatch(dense -> dense.weight() instanceof QuantizedWeight);
    }

    /// How many bytes the frozen tensors take in memory.
    public long bytes() {
        long ends = weights.embedding().bytes() + weights.norm().bytes();
        long head = config.tiedEmbeddings() ? 0 : weights.head().bytes();
        return ends
                + head
                + weights.layers().stream().mapToLong(LayerWeights::bytes).sum();
    }

    /// An empty cache for one sequence inside a scope.
    public KvCache newCache(TensorScope parent) {
        return new KvCache(parent, config, type());
    }

    /// The normalised hidden states of sequences, int64 `(B, T)`: `(B, T, E)`, in the scope of the tokens.
    ///
    /// @param layout where the sequences lie among the tokens; what is not part of one gets states without meaning
    public Tensor hiddenStates(Tensor tokens, SequenceLayout layout) {
        try (TensorScope scope = TensorScope.of(tokens).child("forward")) {
            return scope.handOn(throughLayers(scope, tokens, Surroundings.of(scope, rotary, layout)), tokens);
        }
    }

    /// The normalised hidden states of rows that are one sequence each, padded at their ends if at all: int64 `(B, T)`
    /// to `(B, T, E)`, in the scope of the tokens.
    public Tensor hiddenStates(Tensor tokens) {
        int rows = (int) tokens.size(0);
        return hiddenStates(tokens, SequenceLayout.whole(rows, (int) tokens.size(1)));
    }

    /// The angles of the first positions of sequences, float32 `(T, D/2)` for D elements of a head.
    ///
    /// @param positions T
    /// @param longest how many positions the longest sequence has: some models turn more slowly in long texts
    public RotaryAngles angles(TensorScope scope, int positions, int longest) {
        return rotary.wide(scope, positions, longest);
    }

    /// How far each of the D/2 pairs of a head turns from one position to the next.
    ///
    /// @param longest how many positions the longest sequence has
    public float[] rotaryFrequencies(int longest) {
        return rotary.frequencies(longest);
    }

    /// What the layers share when they see these sequences.
    Surroundings surroundings(TensorScope scope, SequenceLayout layout) {
        return Surroundings.of(scope, rotary, layout);
    }

    /// The embeddings of tokens, int64 `(B, T)`: `(B, T, E)`.
    Tensor embed(Tensor tokens) {
        Tensor embedded = weights.embedding().rows(tokens);
        return embedded.type() == type ? embedded : embedded.to(type);
    }

    DecoderLayer layer(int layer) {
        return layers.get(layer);
    }

    /// States normalised after the last layer.
    Tensor normed(Tensor states) {
        return norm.apply(states);
    }

    /// The scores of all tokens for hidden states `(N, E)`: `(N, V)`. A head in 8 bits takes no recorded states.
    public Tensor logits(Tensor hidden) {
        return weights.head().scores(hidden);
    }

    /// The scores of the token that follows the last of these, `(V)`, in the scope of the tokens.
    public Tensor nextTokenLogits(Tensor tokens, KvCache cache) {
        long last = tokens.size(1) - 1;
        try (TensorScope scope = TensorScope.of(tokens).child("next-token")) {
            Tensor hidden = continued(scope.borrow(tokens), cache);
            Tensor row = Tensors.narrow(hidden, 1, last, 1).reshape(1, config.hiddenSize());
            return scope.handOn(logits(row).reshape(config.vocabularySize()), tokens);
        }
    }

    /// The states of tokens `(1, T)` that continue the positions of a cache: `(1, T, E)`, in the scope of the tokens.
    private Tensor continued(Tensor tokens, KvCache cache) {
        int positions = (int) tokens.size(1);
        cache.reserve(positions);
        try (TensorScope scope = TensorScope.of(tokens).child("forward")) {
            Surroundings surroundings = Surroundings.of(scope, rotary, cache, positions);
            Tensor states = throughLayers(scope, tokens, surroundings);
            cache.advance(positions);
            return scope.handOn(states, tokens);
        }
    }

    private Tensor throughLayers(TensorScope scope, Tensor tokens, Surroundings surroundings) {
        Tensor x = embed(scope.borrow(tokens)); // (B, T, E)
        for (DecoderLayer layer : layers) {
            Tensor next = layer.apply(x, surroundings);
            x.close();
            x = next;
        }
        return normed(x);
    }

    private DecoderLayer layer(int layer, BiFunction<ProjectionSite, Dense, Projection> projections) {
        LayerWeights own = weights.layers().get(layer);
        var attention = new GroupedQueryAttention(
                layer,
                config,
                own.headNorms(),
                projection(layer, ProjectionKind.QUERY, projections),
                projection(layer, ProjectionKind.KEY, projections),
                projection(layer, ProjectionKind.VALUE, projections),
                projection(layer, ProjectionKind.OUTPUT, projections));
        var feedForward = new SwiGluMlp(
                projection(layer, ProjectionKind.GATE, projections),
                projection(layer, ProjectionKind.UP, projections),
                projection(layer, ProjectionKind.DOWN, projections));
        return new DecoderLayer(
                new RmsNorm(own.inputNorm(), config.normEpsilon()),
                attention,
                new RmsNorm(own.innerNorm(), config.normEpsilon()),
                feedForward);
    }

    private Projection projection(
            int layer, ProjectionKind kind, BiFunction<ProjectionSite, Dense, Projection> projections) {
        Dense dense = weights.layers().get(layer).projection(kind);
        return projections.apply(new ProjectionSite(layer, kind), dense);
    }
}
