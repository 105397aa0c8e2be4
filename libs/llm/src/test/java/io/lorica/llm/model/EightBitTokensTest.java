package io.lorica.llm.model;

import io.lorica.llm.quantize.EightBitRows;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class EightBitTokensTest {

    /// More than become numbers at a time, the last of them fewer.
    private static final int TOKENS = 20_000;
    /// Sums of thousands in another order: some hundred times float32's rounding of numbers near 1.
    private static final float SUMS = 2e-4f;

    private final TensorScope scope = TensorScope.open("test");

    @BeforeEach
    void seed() {
        Autograd.seed(11);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 20})
    void isWithinHalfAStepOfWhatItWasMadeOf(int width) {
        // Given: rows that are whole blocks, and rows that are a block each
        Tensor full = random(300, width);

        // When
        Tensor numbers = numbers(EightBitRows.of(scope, full));

        // Then: a step is the largest of a block over 127, and no largest is above 5 deviations here
        float[] expected = full.toFloatArray();
        assertThat(numbers.toFloatArray()).containsExactly(expected, within(5f / 127 / 2));
        assertThat(numbers.toFloatArray()).isNotEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 20})
    void givesRowsOfTokensInTheirShape(int width) {
        // Given
        EightBitTokens tokens = tokens(300, width);
        Tensor wanted = scope.longs(new long[] {299, 0, 7, 7, 128, 64}, 2, 3);

        // When
        Tensor rows = tokens.rows(wanted);

        // Then
        assertThat(rows.shape()).containsExactly(2, 3, width);
        assertThat(rows.toFloatArray())
                .containsExactly(
                        Tensors.embedding(numbers(tokens.matrix()), wanted).toFloatArray());
    }

    @Test
    void scoresAndLeadsGradientsBackAsItsNumbersDo() {
        // Given
        EightBitTokens tokens = tokens(TOKENS, 64);
        FullTokens full = new FullTokens(numbers(tokens.matrix()));
        Tensor states = random(5, 64);
        Tensor ofScores = random(5, TOKENS).mul(0.01);
        Tensor ofStates = scope.empty(ElementType.F32, 5, 64);
        Tensor expected = scope.empty(ElementType.F32, 5, 64);

        // When
        Tensor scores = tokens.scores(states);
        tokens.gradientInto(ofStates, ofScores);

        // Then
        full.gradientInto(expected, ofScores);
        assertThat(scores.toFloatArray()).containsExactly(full.scores(states).toFloatArray(), within(SUMS));
        assertThat(ofStates.toFloatArray()).containsExactly(expected.toFloatArray(), within(SUMS));
    }

    @Test
    void sumsStretchesWithoutMoreRoundingThanItsTypeHas() {
        // Given
        EightBitTokens tokens = tokens(TOKENS, 64);
        Tensor ofScores = random(3, TOKENS).to(ElementType.BF16);
        Tensor exact = scope.empty(ElementType.F32, 3, 64);
        tokens.gradientInto(exact, ofScores.to(ElementType.F32));
        Tensor out = scope.empty(ElementType.BF16, 3, 64);

        // When
        tokens.gradientInto(out, ofScores);

        // Then: sums of some hundred, of which bfloat16 keeps 8 bits
        float largest = exact.abs().max().toFloat();
        assertThat(out.toFloatArray()).containsExactly(exact.toFloatArray(), within(largest / 64));
    }

    @Test
    void leavesNothingButItsResult() {
        // Given
        EightBitTokens tokens = tokens(300, 64);
        Tensor states = random(5, 64);
        Tensor wanted = scope.longs(new long[] {1, 2}, 2);
        int before = scope.tensorCount();

        // When
        tokens.scores(states);
        tokens.rows(wanted);

        // Then
        assertThat(scope.tensorCount()).isEqualTo(before + 2);
    }

    @Test
    void refusesStatesThatAreRecorded() {
        // Given
        EightBitTokens tokens = tokens(300, 64);
        Tensor states = Autograd.parameter(random(5, 64));

        // When // Then
        assertThatThrownBy(() -> tokens.scores(states)).hasMessageContaining("detach");
    }

    private EightBitTokens tokens(int count, int width) {
        return new EightBitTokens(EightBitRows.of(scope, random(count, width)), ElementType.F32);
    }

    private Tensor numbers(EightBitRows rows) {
        Tensor all = scope.empty(ElementType.F32, rows.count(), rows.width());
        rows.numbers(0, all);
        return all;
    }

    private Tensor random(long... shape) {
        return Tensors.normal(scope.empty(ElementType.F32, shape), 1);
    }
}
