package io.lorica.inference.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How many tokens a completion took.
record ChatUsage(
        @JsonProperty("prompt_tokens") int promptTokens,
        @JsonProperty("completion_tokens") int completionTokens,
        @JsonProperty("total_tokens") int totalTokens,
        @JsonProperty("completion_tokens_details") Details details) {

    /// @param reasoningTokens how many of the completion's tokens belong to the chain of thought
    record Details(@JsonProperty("reasoning_tokens") int reasoningTokens) {}

    static ChatUsage of(int prompt, int completion, int reasoning) {
        return new ChatUsage(prompt, completion, prompt + completion, new Details(reasoning));
    }
}
