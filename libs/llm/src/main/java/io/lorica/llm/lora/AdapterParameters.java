package io.lorica.llm.lora;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.DoraProjection;
import io.lorica.llm.projection.LoraProjection;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.Tensor;

/// The tensors of one adapter, always in the order of layers and, within a layer, of [ProjectionKind]. They belong to
/// the scope that they were made in.
///
/// @param pairs A and B of each adapted projection
/// @param whole tensors that stand in the place of the model's, in float32, by their names there ([WholeTensors])
/// @param origin A and B as they were at the start, where their product was taken out of the frozen weight
///     ([PrincipalStart]); empty for every other start
public record AdapterParameters(List<LoraPair> pairs, SequencedMap<String, Tensor> whole, List<LoraPair> origin) {

    public AdapterParameters {
        pairs = sorted(pairs);
        whole = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(whole));
        origin = sorted(origin);
    }

    /// An adapter of nothing but pairs.
    public AdapterParameters(List<LoraPair> pairs) {
        this(pairs, new LinkedHashMap<>(), List.of());
    }

    private static List<LoraPair> sorted(List<LoraPair> pairs) {
        return pairs.stream()
                .sorted(Comparator.comparingInt((LoraPair pair) -> pair.site().layer())
                        .thenComparing(pair -> pair.site().kind()))
                .toList();
    }

    /// The room beside the weights that an adapter of that shape needs.
    ///
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static AdapterRoom room(ModelConfig config, LoraSpec spec) {
        return AdapterLayout.of(config, spec).room();
    }

    /// The shapes of the tensors that an adapter of that specification carries whole, by their names in the model.
    ///
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static SequencedMap<String, long[]> whole(ModelConfig config, LoraSpec spec) {
        SequencedMap<String, long[]> shapes = WholeTensors.shapes(config);
        shapes.keySet().retainAll(AdapterLayout.of(config, spec).whole());
        return shapes;
    }

    /// How many numbers A and B of all projections have, and the magnitudes where there are any.
    ///
    /// @throws IllegalArgumentException when the specification does not fit the model
    public static long pairElements(ModelConfig config, LoraSpec spec) {
        return AdapterLayout.of(config, spec).places().stream()
                .mapToLong(place -> {
                    long outputs = config.outputs(place.site().kind());
                    long both = place.rank() * (config.inputs(place.site().kind()) + outputs);
                    return both + (spec.extras().dora() ? outputs : 0);
                })
                .sum();
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
        whole.forEach((name, tensor) -> named.put(nameOfWhole(name), tensor));
        return named;
    }

    /// In PEFT's tree an adapted projection lies inside of what holds its adapter, and so does its bias.
    private String nameOfWhole(String tensor) {
        boolean beside = pairs.stream().anyMatch(pair -> tensor.equals(WholeTensors.bias(pair.site())));
        return beside ? LoraPair.nameOfBias(tensor) : LoraPair.PREFIX + tensor;
    }

    /// Whether a parameter of that name is a B, which LoRA+ teaches at a rate of its own.
    public static boolean isB(String name) {
        return name.endsWith(".lora_B.weight");
    }

    /// The base model with this adapter beside its projections, on the same weights but for those that it carries
    /// whole.
    ///
    /// @param dropout probability with which an adapter's input element is dropped; 0 outside training
    public CausalLm applyTo(CausalLm base, double dropout) {
        Map<ProjectionSite, LoraPair> bySite = new LinkedHashMap<>();
        pairs.forEach(pair -> bySite.put(pair.site(), pair));
        return base.withWeights(WholeTensors.replace(base.weights(), whole)).withProjections((site, dense) -> {
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
}
