package io.lorica.inference.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.template.PromptTemplate;
import io.lorica.inference.engine.Conversation.Next;
import io.lorica.inference.engine.Conversation.Turn;
import io.lorica.inference.reasoning.AnswerStart;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ConversationTest {

    private static final String ASKED = "<｜begin▁of▁sentence｜><｜User｜>9?<｜Assistant｜><think>\n";

    @Test
    void asksForANewTurnInTheWordsOfTheAdapter() {
        // When
        Prompt prompt = conversation(Next.NEW_TURN).by(PromptTemplate.DEEPSEEK_R1);

        // Then
        assertThat(prompt).isEqualTo(new Prompt(ASKED, AnswerStart.THINKING));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'It is '                        |           | '\n</think>\n\nIt is '         | CONTINUED_ANSWER
            'def f():\n    '                |           | '\n</think>\n\ndef f():\n    ' | CONTINUED_ANSWER
            'It is'                         | 'I see.'  | 'I see.\n</think>\n\nIt is'   | CONTINUED_ANSWER
            '<think>\nI see.\n</think>\n\nIt' |         | 'I see.\n</think>\n\nIt'      | CONTINUED_ANSWER
            '<think>\nLet me see'           |           | 'Let me see'                  | CONTINUED_THINKING
            ''                              | 'I see.'  | 'I see.\n</think>\n\n'        | AFTER_THINKING
            """)
    void goesOnWhereTheAssistantStopped(String content, @Nullable String reasoning, String begun, AnswerStart start) {
        // Given
        Turn last = new Turn(Role.ASSISTANT, content, reasoning, null);

        // When
        Prompt prompt = conversation(Next.CONTINUE, last).by(PromptTemplate.DEEPSEEK_R1);

        // Then
        assertThat(prompt).isEqualTo(new Prompt(ASKED + begun, start));
    }

    @Test
    void refusesVariablesOfATemplateThatIsNotAsked() {
        // Given
        Conversation conversation =
                new Conversation(conversation(Next.NEW_TURN).turns(), Next.NEW_TURN, Map.of("enable_thinking", false));

        // When
        ProductException failure =
                catchThrowableOfType(ProductException.class, () -> conversation.by(PromptTemplate.DEEPSEEK_R1));

        // Then
        assertThat(failure.parameter()).isEqualTo("chat_template_kwargs");
        assertThat(failure.detail()).contains("deepseek-r1", "Leave it out");
    }

    private static Conversation conversation(Next next, Turn... more) {
        List<Turn> turns = new ArrayList<>(List.of(new Turn(Role.USER, "9?", null, null)));
        turns.addAll(List.of(more));
        return new Conversation(turns, next, Map.of());
    }
}
