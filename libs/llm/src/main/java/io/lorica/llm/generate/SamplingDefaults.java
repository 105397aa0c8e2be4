package io.lorica.llm.generate;

import java.util.function.DoublePredicate;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// How a model wants its tokens to be chosen where a request does not say: what its `generation_config.json` says, and
/// else the distribution as it is.
///
/// @param temperature 0 for greedy choice, which `do_sample: false` asks for
/// @param topP as in [Sampling]
/// @param topK as in [Sampling]
/// @param minP as in [Sampling]
/// @param repetitionPenalty as in [Sampling]
public record SamplingDefaults(double temperature, double topP, int topK, double minP, double repetitionPenalty) {

    /// The distribution as it is.
    public static final SamplingDefaults NONE = new SamplingDefaults(1, 1, 0, 0, 1);

    /// Reads them.
    ///
    /// @param config the tree of `generation_config.json`, of whatever kind where there is none
    /// @throws ProductException with `UNSUPPORTED_MODEL` that names a value which makes no sense
    static SamplingDefaults read(JsonNode config) {
        double temperature = number(config, "temperature", NONE.temperature(), value -> value >= 0);
        boolean greedy = config.path("do_sample").isBoolean()
                && !config.path("do_sample").booleanValue();
        return new SamplingDefaults(
                greedy ? 0 : temperature,
                number(config, "top_p", NONE.topP(), value -> value > 0 && value <= 1),
                (int) number(config, "top_k", NONE.topK(), value -> value >= 0 && value == Math.rint(value)),
                number(config, "min_p", NONE.minP(), value -> value >= 0 && value <= 1),
                number(config, "repetition_penalty", NONE.repetitionPenalty(), value -> value > 0));
    }

    private static double number(JsonNode config, String name, double otherwise, DoublePredicate sensible) {
        JsonNode value = config.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber() || !sensible.test(value.doubleValue())) {
            throw ProductException.of(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "The model's generation_config.json says " + name + " = " + value
                            + ", which makes no sense. Correct it, or remove it from the file.");
        }
        return value.doubleValue();
    }
}
