package io.lorica.contracts.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// What an adapter may do beyond plain LoRA, in the wording and with the meaning of PEFT's `LoraConfig`.
///
/// @param dora whether each adapted projection also learns the length of its rows (DoRA,
///     https://arxiv.org/abs/2402.09353)
/// @param targetPattern a regular expression that the full path of an adapted projection matches, instead of
///     `target_modules`; null for none
/// @param layers the only layers that get an adapter, empty for all
/// @param rankPattern ranks of projections whose path ends in a match of the key; the first match counts
/// @param alphaPattern alphas, likewise
/// @param rateRatioOfB by how much faster B learns than A (LoRA+, https://arxiv.org/abs/2402.12354); null for equally
/// @param bias which biases are trained beside the adapter
/// @param modulesToSave modules outside of the layers that are trained whole and stored with the adapter, such as
///     `lm_head`
/// @param start how A and B begin
/// @param excludedPattern a regular expression that the full path of a projection matches which gets no adapter; null
///     for none
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LoraOptions(
        boolean dora,
        @Nullable String targetPattern,
        List<Integer> layers,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        @Nullable Double rateRatioOfB,
        LoraBias bias,
        List<String> modulesToSave,
        AdapterStart start,
        @Nullable String excludedPattern) {

    /// Plain LoRA.
    public static final LoraOptions NONE = new LoraOptions(false, null, List.of(), Map.of(), Map.of(), null);

    private static final int HIGHEST_RANK = LoraSpec.HIGHEST_RANK;

    @JsonCreator
    @SuppressWarnings("ConstantValue") // JSON may leave out what is empty, or younger than it
    public LoraOptions {
        bias = bias == null ? LoraBias.NONE : bias;
        modulesToSave = modulesToSave == null ? List.of() : List.copyOf(modulesToSave);
        start = start == null ? AdapterStart.DEFAULTS : start;
        layers = layers == null ? List.of() : List.copyOf(layers);
        rankPattern = ordered(rankPattern);
        alphaPattern = ordered(alphaPattern);
        if (rankPattern.values().stream().anyMatch(rank -> rank < 1 || rank > HIGHEST_RANK)) {
            throw new IllegalArgumentException("rank_pattern has a rank that is not from 1 to " + HIGHEST_RANK);
        }
        if (alphaPattern.values().stream().anyMatch(alpha -> !(alpha > 0 && Double.isFinite(alpha)))) {
            throw new IllegalArgumentException("alpha_pattern has an alpha that is not above 0");
        }
        if (layers.stream().anyMatch(layer -> layer < 0)) {
            throw new IllegalArgumentException("layers_to_transform has a negative layer");
        }
        if (rateRatioOfB != null && !(rateRatioOfB > 0 && Double.isFinite(rateRatioOfB))) {
            throw new IllegalArgumentException("loraplus_lr_ratio is " + rateRatioOfB + "; it must be above 0");
        }
    }

    /// Options that train the adapter alone, from PEFT's usual start.
    public LoraOptions(
            boolean dora,
            @Nullable String targetPattern,
            List<Integer> layers,
            Map<String, Integer> rankPattern,
            Map<String, Double> alphaPattern,
            @Nullable Double rateRatioOfB) {
        this(
                dora,
                targetPattern,
                layers,
                rankPattern,
                alphaPattern,
                rateRatioOfB,
                LoraBias.NONE,
                List.of(),
                AdapterStart.DEFAULTS);
    }

    /// Options that exclude nothing.
    public LoraOptions(
            boolean dora,
            @Nullable String targetPattern,
            List<Integer> layers,
            Map<String, Integer> rankPattern,
            Map<String, Double> alphaPattern,
            @Nullable Double rateRatioOfB,
            LoraBias bias,
            List<String> modulesToSave,
            AdapterStart start) {
        this(dora, targetPattern, layers, rankPattern, alphaPattern, rateRatioOfB, bias, modulesToSave, start, null);
    }

    private static <V> Map<String, V> ordered(@Nullable Map<String, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
