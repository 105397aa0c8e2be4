package io.lorica.inference.engine;

import java.util.List;

import io.lorica.llm.generate.Sampling;
import io.lorica.llm.generate.SamplingDefaults;
import org.jspecify.annotations.Nullable;

/// How a request wants its tokens to be chosen and where its answer ends; what is null is the model's own default.
///
/// @param maxTokens how many tokens at the most
/// @param temperature 0 for greedy choice
/// @param topP how much probability is kept
/// @param topK how many tokens are kept, 0 for all
/// @param minP which share of the likeliest token's probability is kept
/// @param repetitionPenalty 1 for none
/// @param seed equal seeds give equal answers
/// @param stopTexts texts that end the answer and are not part of it
/// @param stopInReasoning whether they count in the chain of thought too
public record SamplingRequest(
        int maxTokens,
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Integer topK,
        @Nullable Double minP,
        @Nullable Double repetitionPenalty,
        long seed,
        List<String> stopTexts,
        boolean stopInReasoning) {

    public SamplingRequest {
        stopTexts = List.copyOf(stopTexts);
    }

    /// The settings for a model.
    Sampling with(SamplingDefaults defaults) {
        return new Sampling(
                maxTokens,
                temperature == null ? defaults.temperature() : temperature,
                topP == null ? defaults.topP() : topP,
                topK == null ? defaults.topK() : topK,
                minP == null ? defaults.minP() : minP,
                repetitionPenalty == null ? defaults.repetitionPenalty() : repetitionPenalty,
                seed);
    }
}
