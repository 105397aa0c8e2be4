package io.lorica.inference.api;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// A whole answer (`chat.completion`).
@JsonInclude(JsonInclude.Include.ALWAYS)
record ChatCompletion(String id, String object, long created, String model, List<Choice> choices, ChatUsage usage) {

    /// One answer.
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Choice(
            int index,
            Answer message,
            @Nullable Object logprobs,
            @JsonProperty("finish_reason") String finishReason) {}

    /// What was said.
    ///
    /// @param reasoning the chain of thought, by the name that DeepSeek gives it
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Answer(
            String role,
            String content,
            @Nullable String refusal,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("reasoning_content") @Nullable
            String reasoning) {}

    static ChatCompletion of(
            String id, long created, String model, String content, String reasoning, AnswerReader answer) {
        Answer message = new Answer("assistant", content, null, reasoning.isEmpty() ? null : reasoning);
        return new ChatCompletion(
                id,
                "chat.completion",
                created,
                model,
                List.of(new Choice(0, message, null, answer.finishReason())),
                answer.usage());
    }
}
