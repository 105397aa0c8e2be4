package io.lorica.llm.generate;

/// How tokens are chosen, and how many at the most.
///
/// @param maxTokens how many tokens at the most
/// @param temperature 0 for greedy choice; above, logits are divided by it
/// @param topP keep the smallest set of tokens whose probabilities reach it, 1 for all
/// @param topK keep this many of the likeliest tokens, 0 for all
/// @param minP keep tokens whose probability is at least this share of the likeliest one's, 0 for all
/// @param repetitionPenalty above 1, tokens of the prompt and of the answer become less likely; 1 leaves them
/// @param seed equal seeds give equal answers
public record Sampling(
        int maxTokens, double temperature, double topP, int topK, double minP, double repetitionPenalty, long seed) {

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
        if (!(minP >= 0 && minP <= 1)) {
            throw new IllegalArgumentException("min_p is " + minP + "; it must be from 0 to 1");
        }
        if (!(repetitionPenalty > 0)) {
            throw new IllegalArgumentException("repetition_penalty is " + repetitionPenalty + "; it must be above 0");
        }
    }

    /// The likeliest token each time.
    public static Sampling greedy(int maxTokens) {
        return new Sampling(maxTokens, 0, 1, 0, 0, 1, 0);
    }
}
