package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A new adapter, by the start that its specification asks for. Whatever the start, the model computes at first what it
/// computed before. Equal seeds give equal values.
public final class FreshAdapter {

    private final TensorScope scope;
    private final CausalLm base;
    private final LoraSpec spec;
    private final List<LoraPair> given;
    private final RandomGenerator random;

    private FreshAdapter(TensorScope scope, CausalLm base, LoraSpec spec, long seed, List<LoraPair> given) {
        this.scope = scope;
        this.base = base;
        this.spec = spec;
        this.given = given;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /// Makes an adapter in a scope. A start from singular vectors changes the base's weights in place.
    ///
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static AdapterParameters create(TensorScope scope, CausalLm base, LoraSpec spec, long seed) {
        return create(scope, base, spec, seed, List.of());
    }

    /// Makes an adapter in a scope.
    ///
    /// @param given A and B of a start that needs more than the base, which [LoftQ] makes; empty for others
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static AdapterParameters create(
            TensorScope scope, CausalLm base, LoraSpec spec, long seed, List<LoraPair> given) {
        return new FreshAdapter(scope, base, spec, seed, given).create();
    }

    private AdapterParameters create() {
        AdapterLayout layout = AdapterLayout.of(base.config(), spec);
        if (!given.isEmpty()) {
            List<LoraPair> copies = PrincipalStart.copies(scope, given);
            return new AdapterParameters(withMagnitudes(copies), whole(layout), given);
        }
        List<LoraPair> pairs = new ArrayList<>();
        layout.places().forEach(place -> pairs.add(pair(place)));
        boolean principal = spec.extras().start().method() == AdapterStart.Method.PISSA;
        List<LoraPair> origin = principal ? PrincipalStart.takeOut(scope, base, pairs) : List.of();
        return new AdapterParameters(withMagnitudes(pairs), whole(layout), origin);
    }

    private LoraPair pair(AdapterLayout.Place place) {
        int inputs = base.config().inputs(place.site().kind());
        int outputs = base.config().outputs(place.site().kind());
        AdapterStart start = spec.extras().start();
        return switch (start.method()) {
            case KAIMING ->
                new LoraPair(
                        place.site(),
                        place.scale(),
                        kaiming(place.rank(), inputs),
                        scope.zeros(outputs, place.rank()),
                        null);
            case GAUSSIAN ->
                new LoraPair(
                        place.site(),
                        place.scale(),
                        gaussian(place.rank(), inputs),
                        scope.zeros(outputs, place.rank()),
                        null);
            case PISSA -> PrincipalStart.pair(scope, base, place, start.iterations(), random);
            case LOFTQ ->
                throw new IllegalArgumentException("init_lora_weights is loftq, which needs a quantised base");
        };
    }

    /// U(-1/√in, 1/√in), which is Kaiming's uniform distribution with a = √5 (https://arxiv.org/abs/1502.01852).
    private Tensor kaiming(int rank, int inputs) {
        float bound = (float) (1 / Math.sqrt(inputs));
        float[] values = new float[rank * inputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * bound;
        }
        return scope.floats(values, rank, inputs);
    }

    /// N(0, 1/rank²), as PEFT has it.
    private Tensor gaussian(int rank, int inputs) {
        float[] values = new float[rank * inputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() / rank);
        }
        return scope.floats(values, rank, inputs);
    }

    /// DoRA's magnitudes begin as the lengths of the rows that they are to scale.
    private List<LoraPair> withMagnitudes(List<LoraPair> pairs) {
        return spec.extras().dora() ? pairs.stream().map(this::withMagnitude).toList() : pairs;
    }

    private LoraPair withMagnitude(LoraPair pair) {
        Dense dense = base.weights()
                .layers()
                .get(pair.site().layer())
                .projection(pair.site().kind());
        try (TensorScope work = scope.child("row-lengths")) {
            Tensor whole = pair.wholeWeight(work, dense);
            return new LoraPair(pair.site(), pair.scale(), pair.a(), pair.b(), scope.adopt(Tensors.rowNorms(whole)));
        }
    }

    private SequencedMap<String, Tensor> whole(AdapterLayout layout) {
        SequencedMap<String, Tensor> whole = new LinkedHashMap<>();
        SequencedMap<String, Tensor> known = WholeTensors.of(base.weights());
        requireTrainable(layout.whole(), base);
        try (TensorScope work = scope.child("copies")) {
            known.forEach((name, tensor) -> {
                if (layout.whole().contains(name)) {
                    Tensor wide = work.borrow(tensor).to(ElementType.F32);
                    whole.put(name, scope.adopt(wide.duplicate()));
                }
            });
        }
        return whole;
    }

    /// Refuses to train whole what the base keeps quantised.
    ///
    /// @param names tensors that an adapter carries whole
    static void requireTrainable(Collection<String> names, CausalLm base) {
        SequencedMap<String, Tensor> known = WholeTensors.of(base.weights());
        names.stream().filter(name -> !known.containsKey(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("modules_to_save names " + name
                    + ", which is kept in 8 bits and cannot be trained; set quantize_embeddings to false");
        });
    }
}
