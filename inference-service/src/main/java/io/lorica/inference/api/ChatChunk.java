package io.lorica.inference.api;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.inference.reasoning.ReasoningSplitter;
import org.jspecify.annotations.Nullable;

/// A piece of an answer (`chat.completion.chunk`). All pieces of an answer carry the same id and time.
@JsonInclude(JsonInclude.Include.ALWAYS)
record ChatChunk(
        String id,
        String object,
        long created,
        String model,
        List<Choice> choices,
        @Nullable ChatUsage usage) {

    /// What is new in one answer.
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Choice(
            int index,
            Map<String, String> delta,
            @Nullable Object logprobs,
            @JsonProperty("finish_reason") @Nullable String finishReason) {}

    /// Makes the pieces of one answer.
    record Maker(String id, long created, String model) {

        ChatChunk first() {
            return chunk(Map.of("role", "assistant", "content", ""), null);
        }

        ChatChunk piece(ReasoningSplitter.Piece piece) {
            return switch (piece.kind()) {
                case REASONING -> chunk(Map.of("reasoning_content", piece.text()), null);
                case ANSWER -> chunk(Map.of("content", piece.text()), null);
            };
        }

        ChatChunk last(String finishReason) {
            return chunk(Map.of(), finishReason);
        }

        ChatChunk usage(ChatUsage usage) {
            return new ChatChunk(id, "chat.completion.chunk", created, model, List.of(), usage);
        }

        private ChatChunk chunk(Map<String, String> delta, @Nullable String finishReason) {
            Choice choice = new Choice(0, delta, null, finishReason);
            return new ChatChunk(id, "chat.completion.chunk", created, model, List.of(choice), null);
        }
    }
}
