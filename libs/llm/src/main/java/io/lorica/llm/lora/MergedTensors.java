package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.projection.StreamedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.StoredTensor;
import io.lorica.llm.weights.TensorSource;

/// The tensors of base and adapter as one model, each made when it is asked for, some rows at a time: W + scale · B · A
/// for each adapted projection, its rows brought to the learned lengths where it has some, in float32. W is read from
/// the base's files, whatever the run computes in, so that whoever writes a tensor rounds it once; only where the base
/// is quantised W is what its bits stand for.
public final class MergedTensors implements AutoCloseable {

    private final TensorScope scope = TensorScope.open("merged-tensors");
    private final CausalLm base;
    private final AdapterParameters adapter;
    private final ModelWeightFiles files;
    private final Map<ProjectionSite, LoraPair> pairs = new LinkedHashMap<>();

    /// @param base the model that the adapter was trained on
    /// @param source the files that it was loaded from
    @SuppressWarnings("MustBeClosedChecker") // closed with the tensors
    public MergedTensors(CausalLm base, AdapterParameters adapter, ModelFiles source) {
        this.base = base;
        this.adapter = adapter;
        this.files = source.openWeights();
        onStoredWeights().forEach(pair -> pairs.put(pair.site(), pair));
    }

    /// Pairs for the weights as the files have them, where some of those are part of the adapter meanwhile.
    private List<LoraPair> onStoredWeights() {
        return adapter.origin().isEmpty() || base.quantized()
                ? adapter.pairs()
                : PrincipalStart.standalone(scope, adapter).pairs();
    }

    /// Tells whether the head is the embedding; not any more where the adapter brought one of both.
    public boolean tied() {
        return config().tiedEmbeddings()
                && Stream.of(WholeTensors.EMBEDDING, WholeTensors.HEAD).noneMatch(adapter.whole()::containsKey);
    }

    /// All of them by their names in Hugging Face's layout, in the order of a file.
    public List<TensorSource> all() {
        List<TensorSource> tensors = new ArrayList<>();
        for (String name : WholeTensors.shapes(config()).keySet()) {
            if (!tied() || !name.equals(WholeTensors.HEAD)) {
                tensors.add(whole(name));
            }
        }
        sites().map(this::merged).forEach(tensors::add);
        return tensors;
    }

    ModelConfig config() {
        return base.config();
    }

    /// All projections, layer by layer.
    Stream<ProjectionSite> sites() {
        return Stream.iterate(0, layer -> layer < config().layers(), layer -> layer + 1)
                .flatMap(layer -> Stream.of(ProjectionKind.values()).map(kind -> new ProjectionSite(layer, kind)));
    }

    /// The adapter of a projection for the weight that [#frozen] gives.
    Optional<LoraPair> pair(ProjectionSite site) {
        return Optional.ofNullable(pairs.get(site));
    }

    /// Embedding, norm, bias or head: the adapter's own, or that of the files.
    TensorSource whole(String name) {
        Tensor own = adapter.whole().get(name);
        if (own != null) {
            return TensorSource.of(name, own);
        }
        boolean embedding = name.equals(WholeTensors.HEAD) && config().tiedEmbeddings();
        StoredTensor stored =
                files.tensor(embedding ? WholeTensors.EMBEDDING : name).orElseThrow();
        return TensorSource.of(name, stored);
    }

    /// The matrix of a projection with its adapter in it.
    TensorSource merged(ProjectionSite site) {
        TensorSource frozen = frozen(site);
        LoraPair pair = pairs.get(site);
        return pair == null
                ? frozen
                : new TensorSource(frozen.name(), frozen.shape(), frozen.rowsAtOnce(), (work, first, count) -> {
                    Dense rows = Dense.of(frozen.rows().of(work, first, count), null);
                    return pair.rows(work, first, count).wholeWeight(work, rows);
                });
    }

    /// The matrix of a projection without its adapter; float32 where an adapter stands on it.
    TensorSource frozen(ProjectionSite site) {
        Dense dense = base.weights().layers().get(site.layer()).projection(site.kind());
        long[] shape = {dense.outputs(), dense.inputs()};
        return switch (dense.weight()) {
            case FullWeight _ -> stored(site, shape);
            case StreamedWeight streamed -> streamed.source();
            case QuantizedWeight quantized ->
                new TensorSource(
                        site.matrix(), shape, work -> quantized.matrix().dequantize(work, ElementType.F32));
        };
    }

    private TensorSource stored(ProjectionSite site, long... shape) {
        StoredTensor stored = files.tensor(site.matrix()).orElseThrow();
        ElementType type = pairs.containsKey(site) ? ElementType.F32 : stored.type();
        return TensorSource.ofRows(
                site.matrix(), shape, (work, first, count) -> stored.loadRows(work, type, first, count));
    }

    @Override
    public void close() {
        files.close();
        scope.close();
    }
}
