package io.lorica.inference.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.Sampling;
import jakarta.inject.Singleton;

/// Reads the body of `POST /v1/chat/completions`. A parameter that would change the answer and is not supported is
/// refused;
/// one that only labels the request is passed over.
@Singleton
public final class ChatRequestReader {

    private static final Set<String> LABELS = Set.of(
            "metadata",
            "store",
            "user",
            "safety_identifier",
            "service_tier",
            "prompt_cache_key",
            "reasoning_effort",
            "chat_template_kwargs");

    private static final Predicate<JsonNode> ZERO = node -> node.isNumber() && node.doubleValue() == 0;
    private static final Predicate<JsonNode> ONE = node -> node.isNumber() && node.doubleValue() == 1;
    private static final Predicate<JsonNode> EMPTY = node -> node.isContainerNode() && node.isEmpty();
    private static final Predicate<JsonNode> FALSE = node -> node.isBoolean() && !node.booleanValue();

    /// Parameters that are accepted only with the value that means nothing.
    private static final Map<String, Predicate<JsonNode>> NEUTRAL_ONLY = Map.ofEntries(
            Map.entry("n", ONE),
            Map.entry("logprobs", FALSE),
            Map.entry("top_logprobs", ZERO),
            Map.entry("presence_penalty", ZERO),
            Map.entry("frequency_penalty", ZERO),
            Map.entry("repetition_penalty", ONE),
            Map.entry("min_p", ZERO),
            Map.entry("logit_bias", EMPTY),
            Map.entry("tools", EMPTY),
            Map.entry("functions", EMPTY),
            Map.entry("tool_choice", node -> "none".equals(node.asText()) || "auto".equals(node.asText())),
            Map.entry("parallel_tool_calls", JsonNode::isBoolean),
            Map.entry(
                    "modalities",
                    node -> node.size() == 1 && "text".equals(node.path(0).asText())),
            Map.entry("response_format", node -> "text".equals(node.path("type").asText())));

    private static final Set<String> READ = Set.of(
            "model",
            "messages",
            "temperature",
            "top_p",
            "top_k",
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "seed",
            "stream",
            "stream_options");

    private final InferenceConfig config;

    ChatRequestReader(InferenceConfig config) {
        this.config = config;
    }

    ChatCall read(JsonNode body) {
        if (!body.isObject()) {
            throw ProductException.of(ErrorCode.INVALID_JSON, "The body must be a JSON object.");
        }
        refuseWhatIsNotSupported(body);
        return new ChatCall(
                model(body),
                messages(body.path("messages")),
                sampling(body),
                body.path("stream").asBoolean(false),
                body.path("stream_options").path("include_usage").asBoolean(false));
    }

    private static void refuseWhatIsNotSupported(JsonNode body) {
        body.properties().forEach(entry -> {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            Predicate<JsonNode> neutral = NEUTRAL_ONLY.get(name);
            if (READ.contains(name) || LABELS.contains(name) || value.isNull()) {
                return;
            }
            if (neutral == null) {
                throw ProductException.forParameter(
                        ErrorCode.UNKNOWN_PARAMETER,
                        name,
                        "'" + name + "' is not a parameter of this call; remove it or correct its name.");
            }
            if (!neutral.test(value)) {
                throw ProductException.forParameter(
                        ErrorCode.INVALID_REQUEST,
                        name,
                        "'" + name + "' is not supported with the value " + value + "; leave it out.");
            }
        });
    }

    private static ModelName model(JsonNode body) {
        String text = body.path("model").asText("");
        if (!BaseModelId.matches(text)) {
            throw invalid("model", "The parameter 'model' is missing. GET /v1/models lists the models.");
        }
        return ModelName.parse(text);
    }

    private static List<Message> messages(JsonNode list) {
        if (!list.isArray() || list.isEmpty()) {
            throw invalid("messages", "'messages' must be a list of at least one message.");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            messages.add(message("messages[" + i + "]", list.get(i)));
        }
        if (messages.getLast().role() == Role.ASSISTANT) {
            throw invalid("messages", "The last message must come from the user or the system, not the assistant.");
        }
        return messages;
    }

    // The reasoning of earlier answers is not shown to the model again; its own template leaves it out, too.
    private static Message message(String path, JsonNode node) {
        Role role = Role.of(node.path("role").asText(""))
                .orElseThrow(() -> invalid(
                        path + ".role",
                        "The role '" + node.path("role").asText("")
                                + "' is not supported; use system, developer, user or" + " assistant."));
        return Message.of(role, content(path + ".content", node.path("content")));
    }

    private static String content(String path, JsonNode node) {
        if (node.isTextual()) {
            return node.textValue();
        }
        if (!node.isArray()) {
            throw invalid(path, "'content' must be a text or a list of text parts.");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < node.size(); i++) {
            JsonNode part = node.get(i);
            if (!"text".equals(part.path("type").asText())) {
                throw invalid(path + "[" + i + "].type", "Only parts of type 'text' are supported.");
            }
            text.append(part.path("text").asText());
        }
        return text.toString();
    }

    private Sampling sampling(JsonNode body) {
        double temperature = number(body, "temperature", 1, 0, 2);
        double topP = number(body, "top_p", 1, Double.MIN_VALUE, 1);
        int topK = (int) number(body, "top_k", 0, -1, Integer.MAX_VALUE);
        String limit = body.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        int maxTokens = (int) number(body, limit, config.defaultMaxTokens(), 1, Integer.MAX_VALUE);
        long seed = body.hasNonNull("seed")
                ? body.get("seed").asLong()
                : ThreadLocalRandom.current().nextLong();
        return new Sampling(maxTokens, temperature, topP, Math.max(0, topK), seed, stops(body.path("stop")));
    }

    private static List<String> stops(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node.isTextual()) {
            texts.add(node.textValue());
        }
        node.forEach(element -> texts.add(element.asText()));
        if (texts.size() > 4 || texts.stream().anyMatch(String::isEmpty)) {
            throw invalid("stop", "'stop' takes one to four texts, none of them empty.");
        }
        return texts;
    }

    private static double number(JsonNode body, String name, double otherwise, double least, double most) {
        JsonNode node = body.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return otherwise;
        }
        if (!node.isNumber() || node.doubleValue() < least || node.doubleValue() > most) {
            throw invalid(
                    name, "'" + name + "' is " + node + "; it must be a number in the range that docs/api.md gives.");
        }
        return node.doubleValue();
    }

    private static ProductException invalid(String parameter, String message) {
        return ProductException.forParameter(ErrorCode.INVALID_REQUEST, parameter, message);
    }
}
