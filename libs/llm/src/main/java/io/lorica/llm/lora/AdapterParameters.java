package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

import ai.djl.ndarray.NDArray;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.projection.LoraProjection;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.TensorScope;

/// The tensors of one adapter, always in the order of layers and, within a layer, of [ProjectionKind]. They belong to
/// the scope that they were made in.
///
/// @param pairs A and B of each adapted projection
/// @param scale the factor on B·A·x
public record AdapterParameters(List<LoraPair> pairs, double scale) {

    public AdapterParameters {
        pairs = pairs.stream()
                .sorted(Comparator.comparingInt((LoraPair pair) -> pair.site().layer())
                        .thenComparing(pair -> pair.site().kind()))
                .toList();
    }

    /// A new adapter that changes nothing yet: B is 0, A is drawn from U(-1/√in, 1/√in), which is Kaiming's uniform
    /// distribution with a = √5 (https://arxiv.org/abs/1502.01852), as PEFT does it. Equal seeds give equal values.
    public static AdapterParameters random(TensorScope scope, ModelConfig config, LoraSpec spec, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<ProjectionKind> kinds = spec.targetModules().stream()
                .map(ProjectionKind::of)
                .sorted()
                .distinct()
                .toList();
        List<LoraPair> pairs = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (ProjectionKind kind : kinds) {
                NDArray a = uniform(scope, random, spec.rank(), config.inputs(kind));
                NDArray b = scope.zeros(config.outputs(kind), spec.rank());
                pairs.add(new LoraPair(new ProjectionSite(layer, kind), a, b));
            }
        }
        return new AdapterParameters(pairs, spec.scale());
    }

    /// The tensors under their names in a PEFT file.
    public SequencedMap<String, NDArray> named() {
        SequencedMap<String, NDArray> named = new LinkedHashMap<>();
        for (LoraPair pair : pairs) {
            named.put(pair.nameOfA(), pair.a());
            named.put(pair.nameOfB(), pair.b());
        }
        return named;
    }

    /// The base model with this adapter beside its projections, on the same weights.
    ///
    /// @param dropout probability with which an adapter's input element is dropped; 0 outside training
    public CausalLm applyTo(CausalLm base, double dropout) {
        Map<ProjectionSite, LoraPair> bySite = new LinkedHashMap<>();
        pairs.forEach(pair -> bySite.put(pair.site(), pair));
        return base.withProjections((site, dense) -> {
            LoraPair pair = bySite.get(site);
            Projection plain = dense;
            return pair == null ? plain : new LoraProjection(dense, pair.a(), pair.b(), scale, dropout);
        });
    }

    /// How many bytes the tensors take.
    public long bytes() {
        return named().values().stream()
                .mapToLong(tensor -> tensor.size() * Float.BYTES)
                .sum();
    }

    private static NDArray uniform(TensorScope scope, RandomGenerator random, int rank, int inputs) {
        float bound = (float) (1 / Math.sqrt(inputs));
        float[] values = new float[rank * inputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * bound;
        }
        return scope.floats(values, rank, inputs);
    }
}
