package io.lorica.inference.api;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// The body of `POST /v1/chat/completions` as the description of the API shows it. It is read by [ChatRequestReader],
/// which takes further names with the values that mean nothing, and refuses the others.
@Schema(name = "ChatCompletionRequest")
record ChatRequestBody(
        @Schema(
                required = true,
                description = "A base model, a fine-tuned model or a checkpoint; GET /v1/models lists them")
        String model,

        @Schema(required = true, minItems = 1) List<Turn> messages,

        @Schema(description = "Answer as server-sent events", defaultValue = "false") @Nullable
        Boolean stream,

        @JsonProperty("stream_options") @Nullable StreamOptions streamOptions,

        @JsonProperty("max_completion_tokens") @Schema(minimum = "1") @Nullable
        Integer maxCompletionTokens,

        @JsonProperty("max_tokens") @Schema(minimum = "1", deprecated = true) @Nullable
        Integer maxTokens,

        @Schema(minimum = "0", maximum = "2", description = "The model's own where it is left out") @Nullable
        Double temperature,

        @JsonProperty("top_p")
        @Schema(minimum = "0", maximum = "1", description = "The model's own where it is left out")
        @Nullable
        Double topP,

        @JsonProperty("top_k") @Schema(description = "The likeliest tokens to choose from; 0 is all") @Nullable
        Integer topK,

        @JsonProperty("min_p")
        @Schema(minimum = "0", maximum = "1", description = "Share of the likeliest token's probability to keep")
        @Nullable
        Double minP,

        @JsonProperty("repetition_penalty") @Schema(description = "Above 1, tokens repeat less; 1 is off") @Nullable
        Double repetitionPenalty,

        @JsonProperty("stop_in_reasoning")
        @Schema(description = "Look for stop in the reasoning too", defaultValue = "false")
        @Nullable
        Boolean stopInReasoning,

        @JsonProperty("chat_template_kwargs")
        @Schema(type = SchemaType.OBJECT, description = "Further variables of the model's own chat template")
        @Nullable
        Object chatTemplateKwargs,

        @JsonProperty("continue_final_message")
        @Schema(description = "Go on within the last message; true behind one of the assistant")
        @Nullable
        Boolean continueFinalMessage,

        @JsonProperty("add_generation_prompt")
        @Schema(description = "Begin a new turn of the assistant, behind one of the assistant too")
        @Nullable
        Boolean addGenerationPrompt,

        @Schema(
                description = "One to four texts that end the answer",
                oneOf = {String.class, String[].class})
        @Nullable
        Object stop,

        @Nullable Long seed,

        @Schema(description = "A label; passed over") @Nullable
        String user,

        @Schema(type = SchemaType.OBJECT, description = "Labels; passed over") @Nullable
        Object metadata) {

    /// A turn of the conversation.
    @Schema(name = "ChatCompletionMessage")
    record Turn(
            @Schema(
                    required = true,
                    enumeration = {"system", "developer", "user", "assistant"})
            String role,

            @Nullable String content,

            @Schema(description = "Who speaks, for templates that show it") @Nullable
            String name,

            @JsonProperty("reasoning_content")
            @Schema(description = "The reasoning of an assistant's earlier answer")
            @Nullable
            String reasoningContent) {}

    /// Wishes for a stream.
    @Schema(name = "ChatCompletionStreamOptions")
    record StreamOptions(
            @JsonProperty("include_usage") @Schema(defaultValue = "false") @Nullable
            Boolean includeUsage) {}
}
