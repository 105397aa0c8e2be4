package io.lorica.llm.generate;

import java.util.List;

/// How tokens are chosen and when to stop.
///
/// @param maxTokens how many tokens at the most
/// @param temperature 0 for greedy choice; above, logits are divided by it
/// @param topP keep the smallest set of tokens whose probabilities reach it, 1 for all
/// @param topK keep this many of the likeliest tokens, 0 for all
/// @param seed equal seeds give equal answers
/// @param stopTexts texts that end the answer and are not part of it
public record Sampling(int maxTokens, double temperature, double topP, int topK, long seed, List<String> stopTexts) {

    public Sampling {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("max_tokens is " + maxTokens + "; it must be at least 1");
        }
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException("temperature is " + temperature + "; it must not be negative");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top_p is " + topP + "; it must be above 0 and at most 1");
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top_k is " + topK + "; it must not be negative");
        }
        stopTexts = List.copyOf(stopTexts);
    }
}
