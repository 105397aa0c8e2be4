package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.template.RenderedExample;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ExampleTokenizerTest {

    // One token for each byte: 4 + 5 + 6, and the end of sequence.
    private static final TrainingExample ROW =
            TrainingExample.of(3, Map.of(), new RenderedExample("why?", "think", "answer", TinyModel.EOS));

    @TempDir
    private Path directory;

    private Tokenizer tokenizer;

    @BeforeEach
    void openTokenizer() throws IOException {
        tokenizer = Tokenizer.open(TinyModel.qwen2().write(directory));
    }

    @AfterEach
    void closeTokenizer() {
        tokenizer.close();
    }

    @Test
    void encodesPromptReasoningAndAnswerOneByOne() {
        // When
        EncodedRow row = new ExampleTokenizer(tokenizer, TinyModel.EOS).encode(ROW);

        // Then
        assertThat(row.line()).isEqualTo(3);
        assertThat(row.prompt()).containsExactly('w', 'h', 'y', '?');
        assertThat(row.thinking()).containsExactly('t', 'h', 'i', 'n', 'k');
        assertThat(row.answer()).containsExactly('a', 'n', 's', 'w', 'e', 'r');
        assertThat(row.tokens()).hasSize(16).endsWith('r', tokenizer.eosId());
    }

    @Test
    void learnsOneEndWhereTheAnswerIsWrittenWithIts() {
        // Given
        TrainingExample ended = TrainingExample.of(
                3, Map.of(), new RenderedExample("why?", "think", "answer" + TinyModel.EOS, TinyModel.EOS));

        // When
        EncodedRow row = new ExampleTokenizer(tokenizer, TinyModel.EOS).encode(ended);

        // Then
        assertThat(row.answer()).containsExactly('a', 'n', 's', 'w', 'e', 'r');
        assertThat(row.tokens()).hasSize(16).endsWith('r', tokenizer.eosId());
    }

    @Test
    void refusesATerminatorThatIsNotTheEndOfSequence() {
        // When // Then
        assertThatThrownBy(() -> new ExampleTokenizer(tokenizer, "</s>")).hasMessageContaining("end-of-sequence");
    }
}
