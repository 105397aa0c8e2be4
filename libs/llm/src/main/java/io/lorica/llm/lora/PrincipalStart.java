package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.LinearAlgebra;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// PiSSA (https://arxiv.org/abs/2404.02948): the adapter starts as the r greatest singular values of the weight,
/// A₀ = √(S/s) · Vᵀ and B₀ = U · √(S/s) with the scale s, and what it holds is taken out of the frozen weight, which
/// becomes W - s·B₀·A₀.
///
/// What is saved stands on the weight as it was: W - s·B₀·A₀ + s·B·A is W + s·\[B | -B₀\]·\[A ; A₀\], a plain adapter
/// of
/// twice the rank. A run goes on from such a file too, for its second half is the start.
final class PrincipalStart {

    private static final int HIGHEST_RANK = 512;

    private PrincipalStart() {}

    /// A₀ and B₀ of one projection.
    ///
    /// @param rounds rounds of the approximation, null for exact singular values
    static LoraPair pair(
            TensorScope scope,
            CausalLm base,
            AdapterLayout.Place place,
            @Nullable Integer rounds,
            RandomGenerator random) {
        int rank = place.rank();
        FrozenWeight weight = weight(base, place.site());
        long most = Math.min(weight.inputs(), weight.outputs());
        if (rank > Math.min(most, HIGHEST_RANK)) {
            throw new IllegalArgumentException("init_lora_weights pissa goes with a rank of at most "
                    + Math.min(most, HIGHEST_RANK) + " at " + place.site().path() + ", not " + rank);
        }
        try (TensorScope work = scope.child("principal-start")) {
            Tensor wide = weight.values(work).to(ElementType.F32);
            LinearAlgebra.SingularValues parts = rounds == null
                    ? LinearAlgebra.singularValues(wide)
                    : LinearAlgebra.greatestSingularValues(wide, normal(work, random, weight.inputs(), rank), rounds);
            Tensor root =
                    Tensors.narrow(parts.s(), 0, 0, rank).mul(1 / place.scale()).sqrt();
            Tensor a = Tensors.narrow(parts.v(), 1, 0, rank).mul(root).transpose(0, 1);
            Tensor b = Tensors.narrow(parts.u(), 1, 0, rank).mul(root);
            return new LoraPair(place.site(), place.scale(), kept(scope, a), kept(scope, b), null);
        }
    }

    /// The same pairs in memory of their own.
    static List<LoraPair> copies(TensorScope scope, List<LoraPair> pairs) {
        return pairs.stream()
                .map(pair -> new LoraPair(
                        pair.site(), pair.scale(), kept(scope, pair.a()), kept(scope, pair.b()), pair.magnitude()))
                .toList();
    }

    private static Tensor kept(TensorScope scope, Tensor tensor) {
        return scope.adopt(tensor.duplicate().contiguous());
    }

    private static Tensor normal(TensorScope scope, RandomGenerator random, long rows, int columns) {
        float[] values = new float[Math.toIntExact(rows * columns)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floats(values, rows, columns);
    }

    /// Takes the pairs' products out of the frozen weights, in place, and gives copies of the pairs.
    static List<LoraPair> takeOut(TensorScope scope, CausalLm base, List<LoraPair> pairs) {
        List<LoraPair> origin = new ArrayList<>();
        for (LoraPair pair : pairs) {
            try (TensorScope work = scope.child("take-out")) {
                Tensor matrix = weight(base, pair.site()).values(work);
                Tensor product = work.borrow(pair.b()).matMul(pair.a()).mul(pair.scale());
                Tensors.copyInto(matrix, matrix.to(ElementType.F32).sub(product));
            }
            origin.add(new LoraPair(pair.site(), pair.scale(), kept(scope, pair.a()), kept(scope, pair.b()), null));
        }
        return origin;
    }

    /// Halves an adapter that [#standalone] doubled and takes its second half out of the frozen weights.
    ///
    /// @param spec the specification before it was doubled; its scales are exact
    static AdapterParameters goOn(TensorScope scope, CausalLm base, AdapterParameters saved, LoraSpec spec) {
        AdapterParameters halves = halves(scope, base, saved, spec);
        return new AdapterParameters(halves.pairs(), halves.whole(), takeOut(scope, base, halves.origin()));
    }

    /// Halves an adapter that [#standalone] doubled, and leaves the frozen weights.
    static AdapterParameters halves(TensorScope scope, CausalLm base, AdapterParameters saved, LoraSpec spec) {
        Map<ProjectionSite, Double> scales = AdapterLayout.of(base.config(), spec).places().stream()
                .collect(Collectors.toMap(AdapterLayout.Place::site, AdapterLayout.Place::scale));
        List<LoraPair> pairs = new ArrayList<>();
        List<LoraPair> start = new ArrayList<>();
        for (LoraPair pair : saved.pairs()) {
            long rank = pair.a().size(0) / 2;
            double scale = scales.getOrDefault(pair.site(), pair.scale());
            try (TensorScope work = scope.child("halves")) {
                Tensor a = work.borrow(pair.a());
                Tensor b = work.borrow(pair.b());
                pairs.add(new LoraPair(
                        pair.site(),
                        scale,
                        kept(scope, Tensors.narrow(a, 0, 0, rank)),
                        kept(scope, Tensors.narrow(b, 1, 0, rank)),
                        pair.magnitude()));
                start.add(new LoraPair(
                        pair.site(),
                        scale,
                        kept(scope, Tensors.narrow(a, 0, rank, rank)),
                        kept(scope, Tensors.narrow(b, 1, rank, rank).mul(-1)),
                        null));
            }
        }
        return new AdapterParameters(pairs, saved.whole(), start);
    }

    /// The same adapter for weights that nothing was taken out of.
    static AdapterParameters standalone(TensorScope scope, AdapterParameters adapter) {
        Map<ProjectionSite, LoraPair> origin =
                adapter.origin().stream().collect(Collectors.toMap(LoraPair::site, Function.identity()));
        List<LoraPair> pairs = adapter.pairs().stream()
                .map(pair -> joined(scope, pair, origin.get(pair.site())))
                .toList();
        return new AdapterParameters(pairs, adapter.whole(), List.of());
    }

    private static LoraPair joined(TensorScope scope, LoraPair pair, @Nullable LoraPair origin) {
        if (origin == null) {
            throw new IllegalStateException("the start of " + pair.site().path() + " is not known");
        }
        try (TensorScope work = scope.child("join")) {
            Tensor a = Tensor.concat(List.of(work.borrow(pair.a()), work.borrow(origin.a())), 0);
            Tensor b = Tensor.concat(
                    List.of(work.borrow(pair.b()), work.borrow(origin.b()).mul(-1)), 1);
            return new LoraPair(pair.site(), pair.scale(), scope.adopt(a), scope.adopt(b), pair.magnitude());
        }
    }

    /// The specification of such an adapter: twice the rank at the same scale.
    static LoraSpec standalone(LoraSpec spec) {
        double factor = spec.rankStabilized() ? Math.sqrt(2) : 2;
        LoraOptions old = spec.extras();
        LoraOptions options = new LoraOptions(
                old.dora(),
                old.targetPattern(),
                old.layers(),
                scaled(old.rankPattern(), rank -> 2 * rank),
                scaled(old.alphaPattern(), alpha -> factor * alpha),
                old.rateRatioOfB(),
                old.bias(),
                old.modulesToSave(),
                AdapterStart.DEFAULTS,
                old.excludedPattern());
        return new LoraSpec(
                2 * spec.rank(),
                factor * spec.alpha(),
                spec.dropout(),
                spec.targetModules(),
                spec.rankStabilized(),
                options.equals(LoraOptions.NONE) ? null : options);
    }

    private static <V> Map<String, V> scaled(Map<String, V> pattern, Function<V, V> factor) {
        Map<String, V> scaled = new LinkedHashMap<>();
        pattern.forEach((key, value) -> scaled.put(key, factor.apply(value)));
        return scaled;
    }

    private static FrozenWeight weight(CausalLm base, ProjectionSite site) {
        FrozenWeight weight = base.weights()
                .layers()
                .get(site.layer())
                .projection(site.kind())
                .weight();
        if (weight instanceof FullWeight) {
            return weight;
        }
        throw new IllegalArgumentException(
                "init_lora_weights pissa changes the base's weights, which must not be quantised");
    }
}
