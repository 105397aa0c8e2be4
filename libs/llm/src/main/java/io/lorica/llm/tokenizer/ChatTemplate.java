package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.RenderResult;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// A model's own wording of conversations: the Jinja template of `tokenizer_config.json` or `chat_template.jinja`.
/// Thread-safe.
public final class ChatTemplate {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIG = "tokenizer_config.json";
    private static final String TEMPLATE_FILE = "chat_template.jinja";

    // Jinjava knows white-space control in statements only, so that of expressions is applied to the source.
    private static final Pattern STRIPPED_LEFT = Pattern.compile("\\s*\\{\\{-");
    private static final Pattern STRIPPED_RIGHT = Pattern.compile("-}}\\s*");

    // As transformers sets up Jinja for chat templates.
    private final Jinjava jinja = new Jinjava(JinjavaConfig.newBuilder()
            .withTrimBlocks(true)
            .withLstripBlocks(true)
            .withFailOnUnknownTokens(false)
            .build());
    private final String source;
    private final Map<String, String> markers;

    private ChatTemplate(String source, Map<String, String> markers) {
        this.source = STRIPPED_RIGHT
                .matcher(STRIPPED_LEFT.matcher(source).replaceAll("{{"))
                .replaceAll("}}");
        this.markers = Map.copyOf(markers);
    }

    /// The template of a model's directory.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when the model has none
    public static ChatTemplate open(Path directory) {
        try {
            JsonNode config = JSON.readTree(Files.readString(directory.resolve(CONFIG)));
            Map<String, String> markers = new HashMap<>();
            for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
                markers.put(name, markerText(config.path(name)));
            }
            return new ChatTemplate(source(directory, config), markers);
        } catch (IOException e) {
            throw unusable("its " + CONFIG + " or " + TEMPLATE_FILE + " cannot be read");
        }
    }

    /// The conversation as text, ending where the assistant's next turn begins.
    ///
    /// @throws ProductException with `INVALID_REQUEST` when the template refuses the conversation
    public String render(List<Message> conversation) {
        Map<String, Object> bindings = new HashMap<>(markers);
        bindings.put("messages", conversation.stream().map(ChatTemplate::turn).toList());
        bindings.put("add_generation_prompt", true);
        RenderResult result = jinja.renderForResult(source, bindings);
        if (!result.getErrors().isEmpty()) {
            throw ProductException.of(
                    ErrorCode.INVALID_REQUEST,
                    "The model's chat template cannot render this conversation: "
                            + result.getErrors().getFirst().getMessage() + ".");
        }
        return result.getOutput();
    }

    private static Map<String, Object> turn(Message message) {
        Map<String, Object> turn = new HashMap<>();
        turn.put("role", message.role().wireName());
        turn.put("content", message.content());
        return turn;
    }

    private static String source(Path directory, JsonNode config) throws IOException {
        Path file = directory.resolve(TEMPLATE_FILE);
        if (Files.exists(file)) {
            return Files.readString(file);
        }
        JsonNode template = config.path("chat_template");
        if (template.isTextual()) {
            return template.asText();
        }
        for (JsonNode named : template) {
            if (named.path("name").asText().equals("default")) {
                return named.path("template").asText();
            }
        }
        throw unusable("it has no chat template; use one of the named prompt templates");
    }

    private static String markerText(JsonNode value) {
        return value.isObject() ? value.path("content").asText("") : value.asText("");
    }

    private static ProductException unusable(String reason) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "The model cannot be asked this way: " + reason + ".");
    }
}
