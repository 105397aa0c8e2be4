package io.lorica.llm.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.quantize.EightBitRows;
import io.lorica.llm.quantize.QuantizedMatrix;
import io.lorica.llm.quantize.Quantizer;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostProducts;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.StoredTensor;
import org.jspecify.annotations.Nullable;

/// Loads a model's weights into a scope, after all names and shapes agree with its configuration.
public final class ModelLoader {

    private final ModelConfig config;
    private final ModelWeightFiles files;
    private final TensorScope scope;
    private final ElementType type;
    private final TokenFormat tokens;
    private final AdapterRoom room;
    private final WeightFormat projections;

    private ModelLoader(ModelConfig config, ModelWeightFiles files, TensorScope scope, LoadPlan plan) {
        this.config = config;
        this.files = files;
        this.scope = scope;
        this.type = plan.type();
        this.tokens = plan.tokens();
        this.room = plan.room();
        this.projections = plan.projections();
    }

    /// Reads a model, in float32.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` that names what is missing,
    ///     unexpected or mis-shaped
    public static CausalLm load(TensorScope scope, ModelFiles source) {
        return load(scope, source, ElementType.F32);
    }

    /// Reads a model, without room for adapters.
    ///
    /// @param type what its tensors are stored and computed with in memory
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` that names what is missing,
    ///     unexpected or mis-shaped
    public static CausalLm load(TensorScope scope, ModelFiles source, ElementType type) {
        return load(scope, source, LoadPlan.of(type));
    }

    /// Reads a model.
    ///
    /// @param type what its tensors are stored and computed with in memory
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` that names what is missing,
    ///     unexpected or mis-shaped
    public static CausalLm load(TensorScope scope, ModelFiles source, ElementType type, AdapterRoom room) {
        return load(scope, source, LoadPlan.of(type).with(room));
    }

    /// Reads a model. Matrices that are kept in few bits are read and quantised one at a time, so the
    /// whole model never lies in memory in full.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` that names what is missing,
    ///     unexpected or mis-shaped
    public static CausalLm load(TensorScope scope, ModelFiles source, LoadPlan plan) {
        ModelConfig config = ModelConfigReader.read(source.config());
        try (ModelWeightFiles files = source.openWeights()) {
            new WeightsCheck(config, files).mustPass();
            return CausalLm.of(config, new ModelLoader(config, files, scope, plan).weights());
        }
    }

    /// A model whose matrices stay where they are, in its mapped files, if they all lie there in one type that the
    /// processor computes well; empty otherwise. Nothing may be merged into them.
    ///
    /// @param files the open weights, which must stay open as long as the model
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` that names what is missing,
    ///     unexpected or mis-shaped
    public static Optional<CausalLm> inPlace(TensorScope scope, ModelFiles source, ModelWeightFiles files) {
        return TensorDevice.current().gpu() ? Optional.empty() : inPlace(scope, source, files, HostProducts::fast);
    }

    /// @param fast which types the processor computes well
    static Optional<CausalLm> inPlace(
            TensorScope scope, ModelFiles source, ModelWeightFiles files, Predicate<ElementType> fast) {
        ModelConfig config = ModelConfigReader.read(source.config());
        Set<Optional<ElementType>> types = matrices(config)
                .map(name -> files.tensor(name)
                        .filter(stored -> !stored.decoded() && stored.type().holdsWeights())
                        .map(StoredTensor::type))
                .collect(Collectors.toSet());
        Optional<ElementType> type = types.size() == 1 ? types.iterator().next() : Optional.empty();
        if (type.filter(fast).isEmpty()) {
            return Optional.empty();
        }
        new WeightsCheck(config, files).mustPass();
        return inPlace(scope, config, files, type.get());
    }

    private static Optional<CausalLm> inPlace(
            TensorScope scope, ModelConfig config, ModelWeightFiles files, ElementType type) {
        ModelLoader loader = new ModelLoader(config, files, scope, LoadPlan.of(type));
        Map<String, Tensor> mapped = new HashMap<>();
        matrices(config)
                .forEach(name -> files.tensor(name)
                        .flatMap(stored -> stored.inPlace(scope))
                        .ifPresent(tensor -> mapped.put(name, tensor)));
        return mapped.size() == matrices(config).count()
                ? Optional.of(CausalLm.of(config, loader.weights(mapped)))
                : Optional.empty();
    }

    /// The names of embedding, head and projections.
    private static Stream<String> matrices(ModelConfig config) {
        Stream<String> ends = config.tiedEmbeddings()
                ? Stream.of(WholeTensors.EMBEDDING)
                : Stream.of(WholeTensors.EMBEDDING, WholeTensors.HEAD);
        return Stream.concat(
                ends,
                IntStream.range(0, config.layers())
                        .boxed()
                        .flatMap(layer -> Stream.of(ProjectionKind.values())
                                .map(kind -> new ProjectionSite(layer, kind).matrix())));
    }

    private ModelWeights weights(Map<String, Tensor> mapped) {
        TokenMatrix embedding = new FullTokens(Objects.requireNonNull(mapped.get(WholeTensors.EMBEDDING)));
        TokenMatrix head = config.tiedEmbeddings()
                ? embedding
                : new FullTokens(Objects.requireNonNull(mapped.get(WholeTensors.HEAD)));
        List<LayerWeights> layers = IntStream.range(0, config.layers())
                .mapToObj(layer -> layer(layer, mapped))
                .toList();
        return new ModelWeights(embedding, layers, load(WholeTensors.NORM), head);
    }

    private LayerWeights layer(int layer, Map<String, Tensor> mapped) {
        Map<ProjectionKind, Dense> dense = new EnumMap<>(ProjectionKind.class);
        for (ProjectionKind kind : ProjectionKind.values()) {
            ProjectionSite site = new ProjectionSite(layer, kind);
            @Nullable Tensor bias = config.hasBias(kind) ? load(WholeTensors.bias(site)) : null;
            dense.put(kind, Dense.of(Objects.requireNonNull(mapped.get(site.matrix())), bias));
        }
        return new LayerWeights(
                load(WholeTensors.inputNorm(layer)),
                load(WholeTensors.innerNorm(layer)),
                config.headNorms() ? headNorms(layer) : null,
                dense,
                Map.of());
    }

    private ModelWeights weights() {
        // Both ends before the layers: what they need on the way is free again for those.
        TokenMatrix embedding = tokens(WholeTensors.EMBEDDING);
        TokenMatrix head = config.tiedEmbeddings() ? embedding : tokens(WholeTensors.HEAD);
        @Nullable Quantizer quantizer = projections.quantizer(scope);
        List<LayerWeights> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer(layer, quantizer));
        }
        return new ModelWeights(embedding, layers, load(WholeTensors.NORM), head);
    }

    private LayerWeights layer(int layer, @Nullable Quantizer quantizer) {
        Map<ProjectionKind, Dense> dense = new EnumMap<>(ProjectionKind.class);
        Map<ProjectionGroup, JoinedWeights> joined = new EnumMap<>(ProjectionGroup.class);
        for (ProjectionGroup group : ProjectionGroup.values()) {
            JoinedWeights weights = quantizer == null ? empty(layer, group) : quantized(quantizer, layer, group);
            joined.put(group, weights);
            group.kinds().forEach(kind -> dense.put(kind, projection(weights, new ProjectionSite(layer, kind))));
        }
        return new LayerWeights(
                load(WholeTensors.inputNorm(layer)),
                load(WholeTensors.innerNorm(layer)),
                config.headNorms() ? headNorms(layer) : null,
                dense,
                joined);
    }

    private JoinedWeights quantized(Quantizer format, int layer, ProjectionGroup group) {
        List<QuantizedMatrix> parts = group.kinds().stream()
                .map(kind -> quantized(format, new ProjectionSite(layer, kind)))
                .toList();
        return new JoinedWeights.Quantized(parts, emptyBias(group), type);
    }

    private QuantizedMatrix quantized(Quantizer format, ProjectionSite site) {
        try (TensorScope work = scope.child("full-matrix")) {
            StoredTensor stored = files.tensor(site.matrix()).orElseThrow();
            Tensor full = checked(stored, stored.load(work, stored.type()));
            return format.quantize(scope, full);
        }
    }

    private JoinedWeights empty(int layer, ProjectionGroup group) {
        return JoinedWeights.Stored.empty(
                scope, type, group.outputs(config), group.inputs(config), room.columns(layer, group), emptyBias(group));
    }

    private @Nullable Tensor emptyBias(ProjectionGroup group) {
        boolean biased = group.kinds().stream().anyMatch(config::hasBias);
        return biased ? scope.zeros(type, group.outputs(config)) : null;
    }

    /// Reads a projection into its part of what is joined, except for bits, which have their numbers already.
    private Dense projection(JoinedWeights joined, ProjectionSite site) {
        Dense projection = joined.projection(config, site.kind());
        if (projection.weight() instanceof FullWeight full) {
            fill(site.matrix(), full.matrix());
        }
        Tensor bias = projection.bias();
        if (bias != null) {
            fill(WholeTensors.bias(site), bias);
        }
        return projection;
    }

    private HeadNorms headNorms(int layer) {
        return new HeadNorms(load(WholeTensors.queryNorm(layer)), load(WholeTensors.keyNorm(layer)));
    }

    private TokenMatrix tokens(String name) {
        return switch (tokens) {
            case FULL -> new FullTokens(load(name));
            case EIGHT_BITS -> new EightBitTokens(inEightBits(name), type);
        };
    }

    /// The whole matrix lies in the host's memory only, as the file has it.
    private EightBitRows inEightBits(String name) {
        try (TensorScope work = scope.child("full-tokens")) {
            StoredTensor stored = files.tensor(name).orElseThrow();
            Tensor full = work.empty(stored.type(), TensorDevice.cpu(), stored.shape());
            stored.loadInto(full);
            return EightBitRows.of(scope, checked(stored, full));
        }
    }

    private Tensor load(String name) {
        StoredTensor stored = files.tensor(name).orElseThrow();
        return checked(stored, stored.load(scope, type));
    }

    private void fill(String name, Tensor target) {
        StoredTensor stored = files.tensor(name).orElseThrow();
        stored.loadInto(target);
        checked(stored, target);
    }

    /// Bytes that hold numbers were looked through before. What is decoded, and what a narrower type cannot hold, shows
    /// only here.
    private Tensor checked(StoredTensor stored, Tensor tensor) {
        boolean known = !stored.decoded() && (tensor.type() == stored.type() || tensor.type() == ElementType.F32);
        if (!known && !tensor.allFinite()) {
            throw WeightsCheck.notFinite(
                    stored.name(),
                    type == ElementType.F16
                            ? " in float16, which ends at 65504. Use bfloat16 or float32."
                            : ". Fetch the model again.");
        }
        return tensor;
    }
}
