package io.lorica.contracts.template;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;

/// The wording that turns a conversation into training text, and the same conversation without its last answer into
/// a prompt. Training and serving share it, so a model is never asked in words that it was not taught in.
///
/// A template ends every prompt inside the reasoning: the last characters are `<think>` (for [#DEEPSEEK_R1]
/// with the line break that the R1 family's own template appends). A change of wording is a new constant,
/// never an edit: the [#digest()] of a template is stored in every adapter and checked before serving.
public enum PromptTemplate {

    /// Instruction headings with a medical expert's role, in English.
    REFERENCE_EN("""
            The following is an instruction that describes a task, together with input that gives it context.
            Write a response that completes the request.
            Before you answer, consider the question with care and build a chain of thought, step by step, so that \
            the answer is logical and correct.

            ### Instruction:
            You are a medical expert with advanced knowledge of clinical reasoning, diagnosis and treatment planning.
            Answer the following medical question.

            ### Question:
            %s

            ### Response:
            <think>"""),

    /// Instruction headings with a medical expert's role, in Chinese.
    REFERENCE_ZH("""
            以下是描述一项任务的指令，并附有提供背景信息的输入。
            请写出恰当完成该请求的回答。
            作答之前，请认真思考问题，逐步展开推理过程，确保回答合乎逻辑且准确。

            ### Instruction:
            你是一位医学专家，在临床推理、诊断和治疗方案制定方面具有深厚的专业知识。
            请回答下面的医学问题。

            ### Question:
            %s

            ### Response:
            <think>"""),

    /// The markers that the DeepSeek-R1-Distill tokenizers define, with the chain of thought kept.
    DEEPSEEK_R1("");

    private static final String R1_BEGIN = "<｜begin▁of▁sentence｜>";
    private static final String R1_USER = "<｜User｜>";
    private static final String R1_ASSISTANT = "<｜Assistant｜>";
    private static final String R1_END = "<｜end▁of▁sentence｜>";

    private static final String THINKING_END = "</think>";

    private final String wording;

    PromptTemplate(String wording) {
        this.wording = wording;
    }

    /// The name as it goes over the wire, such as `reference-en`.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The template of that wire name, if there is one.
    public static Optional<PromptTemplate> of(String wireName) {
        return Arrays.stream(values())
                .filter(template -> template.wireName().equals(wireName))
                .findFirst();
    }

    @JsonCreator
    static PromptTemplate fromWire(String wireName) {
        return of(wireName).orElseThrow(() -> new IllegalArgumentException("no template is called " + wireName));
    }

    /// SHA-256 of what the template makes of a fixed conversation: equal digests mean equal wording.
    public String digest() {
        Message question = Message.of(Role.USER, "{question}");
        Message answer = new Message(Role.ASSISTANT, "{answer}", "{reasoning}");
        String probe = render(List.of(Message.of(Role.SYSTEM, "{system}"), question, answer), "{end}")
                .text();
        return sha256(probe + '\0' + prompt(List.of(question, answer, question)));
    }

    /// The training text of a conversation that ends with an assistant's turn.
    ///
    /// @throws IllegalArgumentException when the last turn is not an assistant's
    public RenderedExample render(List<Message> conversation, String terminator) {
        if (conversation.isEmpty() || conversation.getLast().role() != Role.ASSISTANT) {
            throw new IllegalArgumentException("the last message must come from the assistant");
        }
        Message last = conversation.getLast();
        String reasoning = last.reasoning() == null ? "" : last.reasoning().strip();
        String answer = last.content().strip();
        String prompt = prompt(conversation.subList(0, conversation.size() - 1));
        return switch (this) {
            case REFERENCE_EN, REFERENCE_ZH ->
                new RenderedExample(prompt, "\n" + reasoning + "\n</think>\n", answer, terminator);
            case DEEPSEEK_R1 -> new RenderedExample(prompt, reasoning + "\n</think>\n\n", answer, terminator);
        };
    }

    /// The text that asks the model for its next turn; earlier reasoning is left out of the history.
    public String prompt(List<Message> history) {
        return switch (this) {
            case REFERENCE_EN, REFERENCE_ZH -> wording.formatted(question(history));
            case DEEPSEEK_R1 -> deepSeekPrompt(history);
        };
    }

    /// Whether the text already begins with the beginning-of-sequence marker, so that none may be added.
    public boolean writesBeginningOfSequence() {
        return this == DEEPSEEK_R1;
    }

    private static String question(List<Message> history) {
        StringBuilder text = new StringBuilder();
        for (Message message : history) {
            text.append(text.isEmpty() ? "" : "\n\n")
                    .append(withoutReasoning(message).strip());
        }
        return text.toString();
    }

    private static String deepSeekPrompt(List<Message> history) {
        StringBuilder text = new StringBuilder(R1_BEGIN).append(system(history));
        for (Message message : history) {
            switch (message.role()) {
                case USER -> text.append(R1_USER).append(message.content());
                case ASSISTANT ->
                    text.append(R1_ASSISTANT).append(withoutReasoning(message)).append(R1_END);
                case SYSTEM -> {}
            }
        }
        return text.append(R1_ASSISTANT).append("<think>\n").toString();
    }

    // The family's own template puts the system's words first, and of several only the last. Those at the beginning
    // are one text in several messages, of which none may be lost.
    private static String system(List<Message> history) {
        String beginning = history.stream()
                .takeWhile(message -> message.role() == Role.SYSTEM)
                .map(Message::content)
                .collect(Collectors.joining("\n\n"));
        return history.stream()
                .dropWhile(message -> message.role() == Role.SYSTEM)
                .filter(message -> message.role() == Role.SYSTEM)
                .map(Message::content)
                .reduce(beginning, (_, later) -> later);
    }

    /// What an assistant said behind its reasoning, where a client left the reasoning in the content.
    private static String withoutReasoning(Message message) {
        String content = message.content();
        int end = message.role() == Role.ASSISTANT ? content.lastIndexOf(THINKING_END) : -1;
        return end < 0 ? content : content.substring(end + THINKING_END.length());
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
