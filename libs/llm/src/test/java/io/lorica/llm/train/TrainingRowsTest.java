package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.template.RenderedExample;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TrainingRowsTest {

    private static final int MAX_LENGTH = 32;
    // One token for each byte: 4 of prompt, and 18 or 44 in all
    private static final TrainingExample SHORT = row(1, "why?", "for this");
    private static final TrainingExample LONG = row(2, "why?", "a".repeat(34));
    private static final TrainingExample HOPELESS = row(3, "w".repeat(40), "x");

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TRUNCATE | 2 | 1 of 3 training examples are longer than 32 tokens and were cut; their end-of-sequence token is kept.
            SPLIT    | 3 | 1 of 3 training examples are longer than 32 tokens and became 2 pieces, each behind its example's prompt.
            DROP     | 1 | 2 of 3 training examples are longer than 32 tokens and were left out: lines 2, 3.
            """)
    void countsWhatItDidToLongRows(OverLength policy, int examples, String warning) {
        // When
        TrainingRows rows = prepare(policy, List.of(SHORT, LONG, HOPELESS), PreparationProgress.SILENT);

        // Then
        assertThat(rows.training()).hasSize(examples);
        assertThat(rows.warnings()).contains(warning);
    }

    @Test
    void saysWhichRowsWouldTeachNothing() {
        // When
        TrainingRows rows = prepare(OverLength.TRUNCATE, List.of(SHORT, HOPELESS), PreparationProgress.SILENT);

        // Then
        assertThat(rows.training()).hasSize(1);
        assertThat(rows.warnings())
                .containsExactly("1 of 2 training examples are left out, for their prompts alone fill the 32 tokens of"
                        + " max_seq_length: line 3.");
    }

    @Test
    void failsWithTheLinesOfLongRowsWhereTheJobAsksForThat() {
        // Given
        List<TrainingExample> rows = IntStream.rangeClosed(1, 12)
                .mapToObj(line -> row(line, "why?", "a".repeat(34)))
                .toList();

        // When // Then
        assertThatThrownBy(() -> prepare(OverLength.RAISE, rows, PreparationProgress.SILENT))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_TRAINING_FILE);
                    assertThat(failure.parameter()).isEqualTo("training_file");
                })
                .hasMessageContaining("lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
    }

    @Test
    void failsWhereNoRowIsLeft() {
        // When // Then
        assertThatThrownBy(() -> prepare(OverLength.DROP, List.of(LONG), PreparationProgress.SILENT))
                .hasMessageContaining("no rows to learn from")
                .hasMessageContaining("were left out: line 2");
        assertThatThrownBy(() -> prepare(OverLength.TRUNCATE, List.of(), PreparationProgress.SILENT))
                .hasMessage("The training file has no rows to learn from. Add some.");
    }

    @Test
    void keepsTheOrderOfManyRowsAndTellsHowFarItIs() {
        // Given
        List<TrainingExample> rows = IntStream.rangeClosed(1, 1_000)
                .mapToObj(line -> row(line, "why?", "for " + line))
                .toList();
        List<Integer> heard = Collections.synchronizedList(new ArrayList<>());

        // When
        TrainingRows prepared = prepare(OverLength.RAISE, rows, (done, total) -> {
            assertThat(total).isEqualTo(1_000);
            heard.add(done);
        });

        // Then
        assertThat(prepared.training())
                .extracting(TokenizedExample::line)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 1_000).boxed().toList());
        assertThat(heard).hasSize(4).contains(1_000);
    }

    private TrainingRows prepare(OverLength policy, List<TrainingExample> rows, PreparationProgress progress) {
        RowFitting fitting = new RowFitting(policy, LossRegion.ALL, MAX_LENGTH);
        ExampleTokenizer examples = new ExampleTokenizer(tokenizer, TinyModel.EOS);
        try (RowPreparation preparation = new RowPreparation(examples, fitting, rows, List.of(), progress)) {
            return preparation.rows();
        }
    }

    private static TrainingExample row(int line, String prompt, String thinking) {
        return TrainingExample.of(line, Map.of(), new RenderedExample(prompt, thinking, "answer", TinyModel.EOS));
    }
}
