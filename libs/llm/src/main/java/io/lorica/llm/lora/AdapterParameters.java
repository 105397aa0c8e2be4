package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.DoraProjection;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.LoraProjection;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// The tensors of one adapter, always in the order of layers and, within a layer, of [ProjectionKind]. They belong to
/// the scope that they were made in.
///
/// @param pairs A and B of each adapted projection
public record AdapterParameters(List<LoraPair> pairs) {

    public AdapterParameters {
        pairs = pairs.stream()
                .sorted(Comparator.comparingInt((LoraPair pair) -> pair.site().layer())
                        .thenComparing(pair -> pair.site().kind()))
                .toList();
    }

    /// A new adapter that changes nothing yet: B is 0, A is drawn from U(-1/√in, 1/√in), which is Kaiming's uniform
    /// distribution with a = √5 (https://arxiv.org/abs/1502.01852), as PEFT does it; magnitudes are the lengths
    /// of the frozen rows. Equal seeds give equal values.
    ///
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static AdapterParameters random(TensorScope scope, CausalLm base, LoraSpec spec, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        ModelConfig config = base.config();
        List<LoraPair> pairs = new ArrayList<>();
        for (AdapterLayout.Place place : AdapterLayout.of(config, spec).places()) {
            ProjectionSite site = place.site();
            Tensor a = uniform(scope, random, place.rank(), config.inputs(site.kind()));
            Tensor b = scope.zeros(config.outputs(site.kind()), place.rank());
            @Nullable Tensor magnitude = spec.extras().dora() ? rowLengths(scope, base, site) : null;
            pairs.add(new LoraPair(site, place.scale(), a, b, magnitude));
        }
        return new AdapterParameters(pairs);
    }

    /// The room beside the weights that an adapter of that shape needs.
    ///
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static AdapterRoom room(ModelConfig config, LoraSpec spec) {
        return AdapterLayout.of(config, spec).room();
    }

    /// The tensors under their names in a PEFT file.
    public SequencedMap<String, Tensor> named() {
        SequencedMap<String, Tensor> named = new LinkedHashMap<>();
        for (LoraPair pair : pairs) {
            named.put(LoraPair.nameOfA(pair.site()), pair.a());
            named.put(LoraPair.nameOfB(pair.site()), pair.b());
            Tensor magnitude = pair.magnitude();
            if (magnitude != null) {
                named.put(LoraPair.nameOfMagnitude(pair.site()), magnitude);
            }
        }
        return named;
    }

    /// Whether a parameter of that name is a B, which LoRA+ teaches at a rate of its own.
    public static boolean isB(String name) {
        return name.endsWith(".lora_B.weight");
    }

    /// The base model with this adapter beside its projections, on the same weights.
    ///
    /// @param dropout probability with which an adapter's input element is dropped; 0 outside training
    public CausalLm applyTo(CausalLm base, double dropout) {
        Map<ProjectionSite, LoraPair> bySite = new LinkedHashMap<>();
        pairs.forEach(pair -> bySite.put(pair.site(), pair));
        return base.withProjections((site, dense) -> {
            LoraPair pair = bySite.get(site);
            return pair == null ? dense : adapted(dense, pair, dropout);
        });
    }

    private static Projection adapted(Dense dense, LoraPair pair, double dropout) {
        LoraProjection lora = new LoraProjection(dense, pair.a(), pair.b(), pair.scale(), dropout);
        Tensor magnitude = pair.magnitude();
        return magnitude == null ? lora : new DoraProjection(lora, magnitude);
    }

    /// How many bytes the tensors take.
    public long bytes() {
        return named().values().stream().mapToLong(Tensor::bytes).sum();
    }

    private static Tensor rowLengths(TensorScope scope, CausalLm base, ProjectionSite site) {
        FrozenWeight weight = base.weights()
                .layers()
                .get(site.layer())
                .projection(site.kind())
                .weight();
        try (TensorScope work = scope.child("row-lengths")) {
            return scope.adopt(Tensors.rowNorms(weight.values(work)));
        }
    }

    private static Tensor uniform(TensorScope scope, RandomGenerator random, int rank, int inputs) {
        float bound = (float) (1 / Math.sqrt(inputs));
        float[] values = new float[rank * inputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * bound;
        }
        return scope.floats(values, rank, inputs);
    }
}
