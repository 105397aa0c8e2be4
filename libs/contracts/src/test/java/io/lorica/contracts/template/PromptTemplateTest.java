package io.lorica.contracts.template;

import java.util.List;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/// The wording, byte by byte. A test that fails here means that adapters trained before the change would be
/// asked in words that they did not learn: add a new template instead.
class PromptTemplateTest {

    private static final String END = "<|endoftext|>";
    private static final Message SYSTEM = Message.of(Role.SYSTEM, "Be brief.");
    private static final Message QUESTION = Message.of(Role.USER, "  Why is the sky blue?\n");
    private static final Message ANSWER =
            new Message(Role.ASSISTANT, "\nRayleigh scattering. ", " Short waves scatter more.\n");

    @ParameterizedTest
    @CsvSource({
        "REFERENCE_EN, d4d70cbd239ae920215fed60c78a6ad43ee6c416f1d9cbcbfa0e721cb28f81c5",
        "REFERENCE_ZH, b03c5ddbacbf896020d8d3b474898b1609bc0972547d03680f93cf2fdf080443",
        "DEEPSEEK_R1, 0d51beb59c50f8b8bd95d2c287f31696a4fe869e162f1534924a4f294e8280f5"
    })
    void neverChangesItsWording(PromptTemplate template, String digest) {
        assertThat(template.digest()).isEqualTo(digest);
    }

    @Test
    void writesTheEnglishReference() {
        // When
        RenderedExample example = PromptTemplate.REFERENCE_EN.render(List.of(QUESTION, ANSWER), END);

        // Then
        assertThat(example.text()).isEqualTo("""
                The following is an instruction that describes a task, together with input that gives it context.
                Write a response that completes the request.
                Before you answer, consider the question with care and build a chain of thought, step by step, so that \
                the answer is logical and correct.

                ### Instruction:
                You are a medical expert with advanced knowledge of clinical reasoning, diagnosis and treatment planning.
                Answer the following medical question.

                ### Question:
                Why is the sky blue?

                ### Response:
                <think>
                Short waves scatter more.
                </think>
                Rayleigh scattering.<|endoftext|>""");
    }

    @Test
    void writesTheChineseReference() {
        // When
        RenderedExample example = PromptTemplate.REFERENCE_ZH.render(List.of(QUESTION, ANSWER), END);

        // Then
        assertThat(example.text()).isEqualTo("""
                以下是描述一项任务的指令，并附有提供背景信息的输入。
                请写出恰当完成该请求的回答。
                作答之前，请认真思考问题，逐步展开推理过程，确保回答合乎逻辑且准确。

                ### Instruction:
                你是一位医学专家，在临床推理、诊断和治疗方案制定方面具有深厚的专业知识。
                请回答下面的医学问题。

                ### Question:
                Why is the sky blue?

                ### Response:
                <think>
                Short waves scatter more.
                </think>
                Rayleigh scattering.<|endoftext|>""");
    }

    @Test
    void writesTheMarkersOfTheR1Family() {
        // Given
        Message followUp = Message.of(Role.USER, "And at dusk?");
        Message first = new Message(Role.ASSISTANT, "Scattering.", "Think once.");
        Message last = new Message(Role.ASSISTANT, "The path is longer.", "Think twice.");

        // When
        RenderedExample example = PromptTemplate.DEEPSEEK_R1.render(
                List.of(SYSTEM, Message.of(Role.USER, "Why?"), first, followUp, last), END);

        // Then
        assertThat(example.text())
                .isEqualTo("<｜begin▁of▁sentence｜>Be brief.<｜User｜>Why?<｜Assistant｜>Scattering.<｜end▁of▁sentence｜>"
                        + "<｜User｜>And at dusk?<｜Assistant｜><think>\nThink twice.\n</think>\n\nThe path is longer."
                        + "<|endoftext|>");
    }

    @ParameterizedTest
    @EnumSource
    void losesNoneOfSeveralSystemMessages(PromptTemplate template) {
        // When
        String prompt = template.prompt(List.of(SYSTEM, Message.of(Role.SYSTEM, "Be kind."), QUESTION));

        // Then
        assertThat(prompt).contains("Be brief.\n\nBe kind.");
    }

    @ParameterizedTest
    @EnumSource
    void leavesReasoningOutOfTheHistoryThatAClientLeftInTheContent(PromptTemplate template) {
        // Given
        Message first = Message.of(Role.ASSISTANT, "<think>\nThink once.\n</think>\n\nScattering.");

        // When
        String prompt = template.prompt(List.of(QUESTION, first, QUESTION));

        // Then
        assertThat(prompt).contains("Scattering.").doesNotContain("Think once.");
    }

    @ParameterizedTest
    @EnumSource
    void asksInTheWordsThatItTaught(PromptTemplate template) {
        // Given
        List<Message> conversation = List.of(SYSTEM, QUESTION, ANSWER);

        // When
        RenderedExample taught = template.render(conversation, END);
        String asked = template.prompt(conversation.subList(0, 2));

        // Then
        assertThat(taught.prompt()).isEqualTo(asked);
        assertThat(asked.stripTrailing()).endsWith("<think>");
        assertThat(taught.text()).endsWith(taught.answer() + END);
    }

    @ParameterizedTest
    @EnumSource
    void leavesTextAloneThatLooksLikeAPlaceholder(PromptTemplate template) {
        // Given
        Message question = Message.of(Role.USER, "What does %s mean in 100% of cases, 🙂 or 意?");

        // When
        String prompt = template.prompt(List.of(question));

        // Then
        assertThat(prompt).contains(question.content());
    }

    @ParameterizedTest
    @EnumSource
    void refusesAConversationWithoutAnAnswer(PromptTemplate template) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> template.render(List.of(QUESTION), END))
                .withMessageContaining("assistant");
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsWireName(PromptTemplate template) {
        assertThat(PromptTemplate.of(template.wireName())).contains(template);
    }
}
