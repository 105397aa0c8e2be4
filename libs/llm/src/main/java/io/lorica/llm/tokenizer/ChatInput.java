package io.lorica.llm.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.chat.Message;
import org.jspecify.annotations.Nullable;

/// What a chat template is rendered with, in the names of `apply_chat_template`. Everything in it is plain data: texts,
/// numbers, truth values, nulls, and lists and maps of them.
///
/// @param messages the turns, each with `role`, `content` and what else the template asks for, such as `tool_calls`
/// @param tools JSON schemas of the functions that the model may call, null where there are none
/// @param documents documents with `title` and `text`, null where there are none
/// @param generationPrompt whether the text ends where the assistant's next turn begins
/// @param more further variables, such as `enable_thinking`; they go before the tokenizer's own
public record ChatInput(
        List<Map<String, Object>> messages,
        @Nullable List<Map<String, Object>> tools,
        @Nullable List<Map<String, Object>> documents,
        boolean generationPrompt,
        Map<String, Object> more) {

    private static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");

    public ChatInput {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a conversation has at least one message");
        }
        messages = messages.stream().map(ChatInput::normal).toList();
    }

    /// The conversation, up to where the assistant's next turn begins.
    public static ChatInput of(List<Message> conversation) {
        return new ChatInput(conversation.stream().map(ChatInput::turn).toList(), null, null, true, Map.of());
    }

    private static Map<String, Object> turn(Message message) {
        Map<String, Object> turn = new LinkedHashMap<>();
        turn.put("role", message.role().wireName());
        turn.put("content", message.content());
        if (message.reasoning() != null) {
            turn.put("reasoning_content", message.reasoning());
        }
        return turn;
    }

    /// As `transformers` prepares a message: keys without a value go, and reasoning is found under each of its names.
    private static Map<String, Object> normal(Map<String, Object> message) {
        Map<String, Object> normal = new LinkedHashMap<>();
        Object reasoning = REASONING.stream()
                .map(message::get)
                .filter(value -> value != null)
                .findFirst()
                .orElse(null);
        if (reasoning != null) {
            normal.put("thinking", reasoning);
        }
        message.forEach((key, value) -> {
            if (value != null) {
                normal.put(key, value);
            }
        });
        if (reasoning != null) {
            normal.put("reasoning_content", reasoning);
        }
        return normal;
    }
}
