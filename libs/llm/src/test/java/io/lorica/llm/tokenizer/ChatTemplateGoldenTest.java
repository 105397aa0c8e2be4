package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.contracts.template.RenderedExample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// The chat templates of whole model families, against `apply_chat_template` of transformers: `golden.json` is made by
/// `tools/golden/make_template_golden.py`.
class ChatTemplateGoldenTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-09T14:05:07Z"), ZoneOffset.UTC);
    private static final JsonNode GOLDEN = json("golden.json");

    private static final Message SYSTEM = Message.of(Role.SYSTEM, "你是一位医学专家。");
    private static final Message QUESTION = Message.of(Role.USER, "患者男，65岁，突发胸痛。诊断？\n");
    private static final Message ANSWER = new Message(Role.ASSISTANT, "急性心肌梗死。", "胸痛、大汗。");

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("renders")
    void rendersWhatTransformersRenders(String template, String conversation, boolean generation, JsonNode expected)
            throws IOException {
        // Given
        ChatTemplate chatTemplate = template(template);
        ChatInput input = input(GOLDEN.path("conversations").path(conversation), generation);

        // When // Then
        if (expected.has("text")) {
            assertThat(chatTemplate.render(input))
                    .isEqualTo(expected.path("text").asText());
        } else {
            assertThatThrownBy(() -> chatTemplate.render(input))
                    .isInstanceOfSatisfying(
                            ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
                    .hasMessageContaining("chat template");
        }
    }

    @Test
    void passesOnWhatTheTemplateSaysAgainstAConversation() throws IOException {
        // Given
        JsonNode conversation = GOLDEN.path("conversations").path("two-tool-calls");

        // When // Then
        assertThatThrownBy(() -> template("llama3_1.jinja").render(input(conversation, true)))
                .hasMessage("The model's chat template refuses this conversation: "
                        + "This model only supports single tool-calls at once!");
    }

    /// The R1 family's template cuts reasoning out of every assistant turn, so training must not render with it; the
    /// prompt part, though, has to be its text byte for byte, history included.
    @Test
    void asksInTrainingAsTheR1TemplateAsks() throws IOException {
        // Given
        ChatTemplate r1 = r1();
        List<List<Message>> histories = List.of(
                List.of(QUESTION),
                List.of(SYSTEM, QUESTION),
                List.of(SYSTEM, QUESTION, ANSWER, QUESTION),
                List.of(SYSTEM, QUESTION, Message.of(Role.SYSTEM, "Only this."), QUESTION),
                List.of(QUESTION, ANSWER, QUESTION, ANSWER, QUESTION));

        for (List<Message> history : histories) {
            // When
            String prompt = PromptTemplate.DEEPSEEK_R1.prompt(history);

            // Then
            assertThat(prompt).isEqualTo(r1.render(history)).doesNotContain("胸痛、大汗。");
        }
    }

    @Test
    void dropsReasoningInsideContentFromHistoryAsTheR1TemplateDoes() throws IOException {
        // Given
        List<Message> history =
                List.of(QUESTION, Message.of(Role.ASSISTANT, "<think>\n胸痛、大汗。\n</think>\n\n急性心肌梗死。"), QUESTION);

        // When
        String prompt = PromptTemplate.DEEPSEEK_R1.prompt(history);

        // Then
        assertThat(prompt).isEqualTo(r1().render(history)).doesNotContain("胸痛、大汗。");
    }

    @Test
    void keepsTheChainOfThoughtThatTheR1TemplateDeletes() throws IOException {
        // Given
        List<Message> conversation = List.of(SYSTEM, QUESTION, ANSWER);
        List<Message> inContent =
                List.of(SYSTEM, QUESTION, Message.of(Role.ASSISTANT, "<think>\n胸痛、大汗。\n</think>\n\n急性心肌梗死。"));
        ChatInput whole = new ChatInput(ChatInput.of(inContent).messages(), null, null, false, Map.of());

        // When
        RenderedExample example = PromptTemplate.DEEPSEEK_R1.render(conversation, "<｜end▁of▁sentence｜>");

        // Then
        assertThat(r1().render(whole)).doesNotContain("胸痛、大汗。");
        assertThat(example.text())
                .isEqualTo(r1().render(List.of(SYSTEM, QUESTION)) + "胸痛、大汗。\n</think>\n\n急性心肌梗死。<｜end▁of▁sentence｜>");
    }

    private static ChatTemplate r1() throws IOException {
        return ChatTemplate.of(
                source("deepseek_r1_distill.jinja"), Map.of("bos_token", "<｜begin▁of▁sentence｜>"), CLOCK);
    }

    private static ChatTemplate template(String file) throws IOException {
        Map<String, String> markers = JSON.convertValue(GOLDEN.path("markers"), new TypeReference<>() {});
        return ChatTemplate.of(source(file), markers, CLOCK);
    }

    private static ChatInput input(JsonNode conversation, boolean generation) {
        return new ChatInput(
                JSON.convertValue(conversation.path("messages"), new TypeReference<>() {}),
                JSON.convertValue(conversation.get("tools"), new TypeReference<>() {}),
                JSON.convertValue(conversation.get("documents"), new TypeReference<>() {}),
                generation,
                conversation.has("kwargs")
                        ? JSON.convertValue(conversation.path("kwargs"), new TypeReference<>() {})
                        : Map.of());
    }

    private static Stream<Object[]> renders() {
        return StreamSupport.stream(GOLDEN.path("renders").spliterator(), false).map(render -> new Object[] {
            render.path("template").asText(),
            render.path("conversation").asText(),
            render.path("generation").asBoolean(),
            render
        });
    }

    private static String source(String file) throws IOException {
        try (InputStream resource = ChatTemplateGoldenTest.class.getResourceAsStream("/templates/" + file)) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static JsonNode json(String file) {
        try {
            return JSON.readTree(source(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
