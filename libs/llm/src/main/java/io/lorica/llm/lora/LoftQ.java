package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.quantize.QuantizedMatrix;
import io.lorica.llm.quantize.QuantizedStart;
import io.lorica.llm.quantize.Quantizer;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;

/// LoftQ (https://arxiv.org/abs/2310.08659) for a whole model: each adapter starts with what few bits lose of its
/// weight.
///
/// What is saved stands on the weight as it was: Q + s·B·A is near W + s·(B·A - B₀·A₀), a plain adapter of twice the
/// rank, as with PiSSA.
public final class LoftQ {

    private LoftQ() {}

    /// A₀ and B₀ of every adapted projection. The base's codes become those that go with them, in place; the same files
    /// give the same bits, so an unfinished run starts here too.
    ///
    /// @param base quantised already
    /// @param source what it was read from
    /// @param format what it is kept in
    /// @throws IllegalArgumentException when the base is not quantised or a rank is too large
    public static List<LoraPair> start(
            TensorScope scope, CausalLm base, ModelFiles source, WeightFormat format, LoraSpec spec) {
        try (TensorScope work = scope.child("loftq");
                ModelWeightFiles files = source.openWeights()) {
            Quantizer quantizer = format.quantizer(work);
            if (quantizer == null) {
                throw new IllegalArgumentException(
                        "init_lora_weights is loftq, which needs a quantised base; set quantization");
            }
            Integer rounds = spec.extras().start().iterations();
            List<LoraPair> start = new ArrayList<>();
            for (AdapterLayout.Place place :
                    AdapterLayout.of(base.config(), spec).places()) {
                start.add(pair(scope, base, files, quantizer, place, rounds == null ? 1 : rounds));
            }
            return start;
        }
    }

    private static LoraPair pair(
            TensorScope scope,
            CausalLm base,
            ModelWeightFiles files,
            Quantizer quantizer,
            AdapterLayout.Place place,
            int rounds) {
        ProjectionSite site = place.site();
        try (TensorScope work = scope.child("loftq-pair")) {
            Tensor weight = files.tensor(site.path() + ".weight").orElseThrow().load(work, ElementType.F32);
            QuantizedStart start = QuantizedStart.of(work, weight, quantizer, place.rank(), place.scale(), rounds);
            matrix(base, site).set(start.base());
            return new LoraPair(site, place.scale(), scope.adopt(start.a()), scope.adopt(start.b()), null);
        }
    }

    private static QuantizedMatrix matrix(CausalLm base, ProjectionSite site) {
        FrozenWeight weight = base.weights()
                .layers()
                .get(site.layer())
                .projection(site.kind())
                .weight();
        if (weight instanceof QuantizedWeight quantized) {
            return quantized.matrix();
        }
        throw new IllegalArgumentException("init_lora_weights is loftq, and " + site.path() + " is not quantised");
    }
}
