package io.lorica.inference.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.inference.engine.SamplingRequest;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Reads the body of `POST /v1/chat/completions`. A parameter that would change the answer and is not supported is
/// refused; one that only labels the request is passed over.
@Singleton
public final class ChatRequestReader {

    private static final Set<String> READ = Set.of(
            "model",
            "messages",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "repetition_penalty",
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "stop_in_reasoning",
            "chat_template_kwargs",
            "continue_final_message",
            "add_generation_prompt",
            "seed",
            "stream",
            "stream_options");

    /// Passed over. The effort is a wish, which the models served here have no way to follow.
    private static final Set<String> LABELS = Set.of(
            "metadata",
            "store",
            "user",
            "safety_identifier",
            "service_tier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "reasoning_effort");

    private static final Predicate<JsonNode> ZERO = node -> node.isNumber() && node.doubleValue() == 0;
    private static final Predicate<JsonNode> ONE = node -> node.isNumber() && node.doubleValue() == 1;
    private static final Predicate<JsonNode> EMPTY = node -> node.isContainerNode() && node.isEmpty();
    private static final Predicate<JsonNode> FALSE = node -> node.isBoolean() && !node.booleanValue();
    private static final Predicate<JsonNode> NO_TOOL =
            node -> node.asText().equals("none") || node.asText().equals("auto");
    private static final Predicate<JsonNode> NEVER = node -> false;

    /// Parameters that are accepted only with the value that means nothing.
    private static final Map<String, Predicate<JsonNode>> NEUTRAL_ONLY = Map.ofEntries(
            Map.entry("n", ONE),
            Map.entry("logprobs", FALSE),
            Map.entry("top_logprobs", ZERO),
            Map.entry("presence_penalty", ZERO),
            Map.entry("frequency_penalty", ZERO),
            Map.entry("logit_bias", EMPTY),
            Map.entry("tools", EMPTY),
            Map.entry("functions", EMPTY),
            Map.entry("tool_choice", NO_TOOL),
            Map.entry("function_call", NO_TOOL),
            Map.entry("parallel_tool_calls", JsonNode::isBoolean),
            Map.entry("verbosity", node -> node.asText().equals("medium")),
            Map.entry("thinking_token_budget", NEVER),
            Map.entry("audio", NEVER),
            Map.entry("prediction", NEVER),
            Map.entry("web_search_options", NEVER),
            Map.entry(
                    "modalities",
                    node -> node.size() == 1 && node.path(0).asText().equals("text")),
            Map.entry("response_format", node -> node.path("type").asText().equals("text")));

    private static final double MAX_TEMPERATURE = 2;
    private static final double MIN_PENALTY = 0.01;
    private static final double MAX_PENALTY = 10;

    private final InferenceConfig config;

    ChatRequestReader(InferenceConfig config) {
        this.config = config;
    }

    ChatCall read(@Nullable JsonNode body) {
        if (body == null || !body.isObject()) {
            throw ProductException.of(
                    ErrorCode.INVALID_JSON, "The body must be a JSON object with at least model and messages.");
        }
        refuseWhatIsNotSupported(body);
        Parameters parameters = new Parameters(body);
        boolean stream = parameters.flag("stream");
        return new ChatCall(
                model(parameters),
                ConversationReader.read(body),
                sampling(parameters),
                stream,
                includeUsage(parameters, stream));
    }

    private static void refuseWhatIsNotSupported(JsonNode body) {
        body.properties().forEach(entry -> {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            if (READ.contains(name) || LABELS.contains(name)) {
                return;
            }
            Predicate<JsonNode> neutral = NEUTRAL_ONLY.get(name);
            if (neutral == null) {
                throw Parameters.unknown(name);
            }
            if (!value.isNull() && !neutral.test(value)) {
                throw Parameters.invalid(name, "'" + name + "' is not supported with this value; leave it out.");
            }
        });
    }

    private static ModelName model(Parameters parameters) {
        String text = parameters
                .given("model")
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .orElseThrow(() ->
                        Parameters.invalid("model", "'model' is missing or no text. GET /v1/models lists the models."));
        if (!BaseModelId.matches(text)) {
            throw Parameters.invalid(
                    "model",
                    "'model' must be a name of 1 to 512 characters without spaces. GET /v1/models lists the models.");
        }
        return ModelName.parse(text);
    }

    private static boolean includeUsage(Parameters parameters, boolean stream) {
        Optional<JsonNode> given = parameters.given("stream_options");
        if (given.isEmpty()) {
            return false;
        }
        if (!stream || !given.get().isObject()) {
            throw Parameters.invalid(
                    "stream_options", "'stream_options' is an object that goes with \"stream\": true; leave it out.");
        }
        given.get().fieldNames().forEachRemaining(name -> {
            if (!name.equals("include_usage") && !name.equals("include_obfuscation")) {
                throw Parameters.unknown("stream_options." + name);
            }
        });
        return new Parameters(given.get()).flag("include_usage");
    }

    private SamplingRequest sampling(Parameters parameters) {
        String limit = parameters.given("max_completion_tokens").isPresent() ? "max_completion_tokens" : "max_tokens";
        Double topP = parameters.number("top_p", 0, 1);
        Integer topK = parameters.given("top_k").isPresent() ? Math.max(0, parameters.atLeast(-1, "top_k", 0)) : null;
        return new SamplingRequest(
                parameters.atLeast(1, limit, config.defaultMaxTokens()),
                parameters.number("temperature", 0, MAX_TEMPERATURE),
                // None of the probability is kept: what remains is the likeliest token.
                topP != null && topP == 0 ? (Double) Double.MIN_VALUE : topP,
                topK,
                parameters.number("min_p", 0, 1),
                parameters.number("repetition_penalty", MIN_PENALTY, MAX_PENALTY),
                parameters
                        .wholeNumber("seed")
                        .orElseGet(() -> ThreadLocalRandom.current().nextLong()),
                parameters.given("stop").map(ChatRequestReader::stops).orElse(List.of()),
                parameters.flag("stop_in_reasoning"));
    }

    private static List<String> stops(JsonNode node) {
        List<JsonNode> texts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(texts::add);
        } else {
            texts.add(node);
        }
        if (texts.size() > 4
                || texts.stream()
                        .anyMatch(text -> !text.isTextual() || text.textValue().isEmpty())) {
            throw Parameters.invalid("stop", "'stop' takes one to four texts, none of them empty.");
        }
        return texts.stream()
                .map(text -> Parameters.wellFormed("stop", text.textValue()))
                .toList();
    }
}
