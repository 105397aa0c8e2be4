package io.lorica.inference.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.contracts.template.RenderedExample;
import io.lorica.inference.reasoning.AnswerStart;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.tokenizer.ChatInput;
import org.jspecify.annotations.Nullable;

/// What was said so far, and how the model is to go on.
///
/// @param turns at least one
/// @param next what the model is to do
/// @param templateArguments further variables of the model's own chat template
public record Conversation(List<Turn> turns, Next next, Map<String, Object> templateArguments) {

    private static final String OPEN = "<think>";
    private static final String CLOSE = "</think>";

    public Conversation {
        turns = List.copyOf(turns);
    }

    /// One turn.
    ///
    /// @param reasoning an assistant's chain of thought, null where there is none
    /// @param name who speaks, null where nobody says
    public record Turn(
            Role role,
            String content,
            @Nullable String reasoning,
            @Nullable String name) {}

    /// What the model is to do.
    public enum Next {
        /// Speak the assistant's next turn.
        NEW_TURN,
        /// Go on within the last turn.
        CONTINUE,
        /// Go on behind the last turn, with nothing said about who speaks next.
        AS_IT_STANDS
    }

    /// The prompt in the words of the base model's own chat template.
    Prompt by(LanguageModel model) {
        boolean continued = next == Next.CONTINUE;
        ChatInput input = new ChatInput(
                turns.stream().map(Conversation::message).toList(),
                null,
                null,
                next == Next.NEW_TURN,
                templateArguments);
        return prompt(model.renderPrompt(input, continued));
    }

    /// The prompt in the words that an adapter was taught in.
    ///
    /// @throws ProductException when the conversation asks for what these words do not have
    Prompt by(PromptTemplate template) {
        if (!templateArguments.isEmpty()) {
            throw unsupported("chat_template_kwargs", template);
        }
        return switch (next) {
            case NEW_TURN -> prompt(template.prompt(messages(turns)));
            case CONTINUE -> prompt(continued(template));
            case AS_IT_STANDS -> throw unsupported("add_generation_prompt", template);
        };
    }

    private Prompt prompt(String text) {
        AnswerStart start =
                next == Next.CONTINUE ? AnswerStart.within(turns.getLast().content(), text) : AnswerStart.behind(text);
        return new Prompt(text, start);
    }

    // The words of an example whose answer is not at its end yet.
    private String continued(PromptTemplate template) {
        Turn last = turns.getLast();
        List<Message> history = messages(turns.subList(0, turns.size() - 1));
        if (AnswerStart.openThought(last.content())) {
            int thought = last.content().lastIndexOf(OPEN) + OPEN.length();
            return template.prompt(history) + last.content().substring(thought).replaceFirst("^\n", "");
        }
        int close = last.content().lastIndexOf(CLOSE);
        String answer = close < 0
                ? last.content()
                : last.content().substring(close + CLOSE.length()).replaceFirst("^\n+", "");
        String reasoning = close < 0
                ? last.reasoning()
                : last.content().substring(0, close).replaceFirst("^\\s*" + OPEN, "");
        List<Message> whole = new ArrayList<>(history);
        whole.add(new Message(Role.ASSISTANT, answer, reasoning));
        RenderedExample example = template.render(whole, "");
        return example.prompt() + example.thinking() + answer;
    }

    private static Map<String, Object> message(Turn turn) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", turn.role().wireName());
        message.put("content", turn.content());
        if (turn.reasoning() != null) {
            message.put("reasoning_content", turn.reasoning());
        }
        if (turn.name() != null) {
            message.put("name", turn.name());
        }
        return message;
    }

    private static List<Message> messages(List<Turn> turns) {
        return turns.stream()
                .map(turn -> new Message(turn.role(), turn.content(), turn.reasoning()))
                .toList();
    }

    private static ProductException unsupported(String parameter, PromptTemplate template) {
        return ProductException.forParameter(
                ErrorCode.INVALID_REQUEST,
                parameter,
                "'" + parameter + "' is for models with a chat template of their own; this one was fine-tuned with the"
                        + " template " + template.wireName() + ". Leave it out.");
    }
}
