package io.lorica.llm.tokenizer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.layout.SmallFiles;
import io.lorica.layout.TokenizerDescription;
import io.lorica.llm.jinja.JinjaException;
import io.lorica.llm.jinja.JinjaTemplate;
import io.lorica.llm.weights.ModelFiles;

/// A model's own wording of conversations: the Jinja template of `chat_template.jinja` or
/// `tokenizer_config.json`, which renders what `apply_chat_template` of `transformers` renders. Immutable.
public final class ChatTemplate {

    private static final String TEMPLATE_FILE = "chat_template.jinja";
    // Its space shows whether a template trims messages.
    private static final String END_OF_MESSAGE = "\uE0FFend-of-message\uE0FF ";

    private final JinjaTemplate plain;
    private final Optional<JinjaTemplate> withTools;
    private final Map<String, String> specialTokens;
    private final Clock clock;

    private ChatTemplate(
            JinjaTemplate plain, Optional<JinjaTemplate> withTools, Map<String, String> specialTokens, Clock clock) {
        this.plain = plain;
        this.withTools = withTools;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /// The template of the model at a path.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when the model has none, or none that can be read
    public static ChatTemplate open(Path directory) {
        return open(ModelFiles.at(directory));
    }

    /// The template of a model.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when the model has none, or none that can be read
    public static ChatTemplate open(ModelFiles model) {
        SmallFiles files = model::read;
        JsonNode configured = files.tree(TokenizerDescription.CONFIG).path("chat_template");
        String source = model.read(TEMPLATE_FILE)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .or(() -> named(configured, "default"))
                .orElseThrow(ChatTemplate::missing);
        Optional<JinjaTemplate> withTools =
                named(configured, "tool_use").filter(_ -> configured.isArray()).map(ChatTemplate::parse);
        return new ChatTemplate(
                parse(source),
                withTools,
                TokenizerDescription.specialTokens(files).texts(),
                Clock.systemDefaultZone());
    }

    /// A template from its text.
    ///
    /// @param specialTokens texts of tokens by their names, such as `bos_token`
    /// @param clock what the template takes today's date from
    /// @throws ProductException with `UNSUPPORTED_MODEL` when the text is no template
    public static ChatTemplate of(String source, Map<String, String> specialTokens, Clock clock) {
        return new ChatTemplate(parse(source), Optional.empty(), specialTokens, clock);
    }

    /// The conversation as text, ending where the assistant's next turn begins.
    ///
    /// @throws ProductException with `INVALID_REQUEST` when the template refuses the conversation
    public String render(List<Message> conversation) {
        if (conversation.isEmpty()) {
            throw ProductException.of(
                    ErrorCode.INVALID_REQUEST, "The conversation is empty. Send at least one message.");
        }
        return render(ChatInput.of(conversation));
    }

    /// The conversation as text, as `apply_chat_template` with `tokenize=False` gives it.
    ///
    /// @throws ProductException with `INVALID_REQUEST` when the template refuses the conversation
    public String render(ChatInput input) {
        Map<String, Object> variables = new HashMap<>(specialTokens);
        variables.putAll(input.more());
        variables.put("messages", input.messages());
        variables.put("tools", input.tools());
        variables.put("documents", input.documents());
        variables.put("add_generation_prompt", input.generationPrompt());
        JinjaTemplate template = input.tools() == null ? plain : withTools.orElse(plain);
        try {
            return template.render(variables, clock);
        } catch (JinjaException e) {
            throw refused(e);
        }
    }

    /// The conversation as text that ends within its last message, as `apply_chat_template` with
    /// `continue_final_message` gives it. White space at the message's end stays where the template keeps it.
    ///
    /// @throws ProductException with `INVALID_REQUEST` when the template refuses the conversation, or leaves its
    ///     last message out
    public String renderContinued(ChatInput input) {
        List<Map<String, Object>> messages = new ArrayList<>(input.messages());
        Map<String, Object> last = new HashMap<>(messages.removeLast());
        last.merge("content", END_OF_MESSAGE, (content, _) -> content + END_OF_MESSAGE);
        messages.add(last);
        String text = render(new ChatInput(messages, input.tools(), input.documents(), false, input.more()));
        int end = text.lastIndexOf(END_OF_MESSAGE.strip());
        if (end < 0) {
            throw ProductException.of(
                    ErrorCode.INVALID_REQUEST,
                    "The model's chat template leaves the last message out, so it cannot be continued. End with a"
                            + " message of the user.");
        }
        String begun = text.substring(0, end);
        return text.startsWith(END_OF_MESSAGE, end) ? begun : begun.stripTrailing();
    }

    private static ProductException refused(JinjaException e) {
        String detail = switch (e.kind()) {
            case REFUSAL -> "The model's chat template refuses this conversation: " + e.getMessage();
            case SYNTAX, RENDERING, LIMIT ->
                "The model's chat template cannot render this conversation (" + e.getMessage()
                        + "). Change the conversation, or chat_template_kwargs where they were sent.";
        };
        return ProductException.of(ErrorCode.INVALID_REQUEST, detail);
    }

    /// The template of that name; a single one without a name is everything.
    private static Optional<String> named(JsonNode configured, String name) {
        if (configured.isTextual()) {
            return Optional.of(configured.asText());
        }
        for (JsonNode template : configured) {
            if (template.path("name").asText().equals(name)) {
                return Optional.of(template.path("template").asText());
            }
        }
        return Optional.empty();
    }

    private static JinjaTemplate parse(String source) {
        try {
            return JinjaTemplate.parse(source);
        } catch (JinjaException e) {
            throw unusable("its chat template has a mistake in " + e.getMessage());
        }
    }

    private static ProductException missing() {
        return unusable("it has no chat template. Choose a model that was tuned for chats, put a chat_template.jinja"
                + " beside its files, or fine-tune it and ask the fine-tuned model");
    }

    private static ProductException unusable(String reason) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "The model cannot be asked in chats: " + reason + ".");
    }
}
