package io.lorica.llm.quantize;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Quantized;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

/// Compares with peft; `tools/golden/make_quantized.py` made the files.
class QuantizedStartTest {

    private static final int RANK = 8;

    private final TensorScope scope = TensorScope.open("test");
    private final Quantizer quantizer = Quantizer.fourBit(scope, FourBitCode.NF4, false);

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @CsvSource({"tall, 1", "tall, 4", "square, 1", "square, 4", "flat, 1", "flat, 4"})
    void equalsPeft(String name, int rounds) {
        // Given
        Tensor weight = golden(name);

        // When
        QuantizedStart start = QuantizedStart.of(scope, weight, quantizer, RANK, 1, rounds);

        // Then: singular vectors have no sign, their product has; decompositions in float32 add in other orders
        Tensor change = start.b().matMul(start.a());
        assertThat(distance(change, golden(name + "." + rounds + ".change"))).isLessThan(1e-4);
        assertThat(distance(start.base().dequantize(scope, ElementType.F32), golden(name + "." + rounds + ".base")))
                .isLessThan(1e-4);
    }

    @Test
    void bringsTheWholeNearerToTheWeightThanItsBitsAloneWhateverTheScale() {
        // Given
        Tensor weight = golden("square");
        QuantizedStart plain = QuantizedStart.of(scope, weight, quantizer, RANK, 1, 3);

        // When
        QuantizedStart scaled = QuantizedStart.of(scope, weight, quantizer, RANK, 4, 3);

        // Then
        Tensor alone = quantizer.quantize(scope, weight).dequantize(scope, ElementType.F32);
        double bits = distance(alone, weight);
        double whole = distance(whole(scaled, 4), weight);
        assertThat(whole).isLessThan(0.8 * bits);
        assertThat(whole).isCloseTo(distance(whole(plain, 1), weight), within(1e-5));
    }

    @Test
    void leavesNothingBehind() {
        // Given
        Tensor weight = golden("tall");
        int before = scope.tensorCount();

        // When
        QuantizedStart.of(scope, weight, quantizer, RANK, 1, 3);

        // Then: codes and scales, A and B
        assertThat(scope.tensorCount()).isEqualTo(before + 4);
    }

    @Test
    void refusesARankThatTheMatrixDoesNotHave() {
        assertThatThrownBy(() -> QuantizedStart.of(scope, golden("flat"), quantizer, 33, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 32");
    }

    private static Tensor whole(QuantizedStart start, double scale) {
        return start.b()
                .matMul(start.a())
                .mul(scale)
                .add(start.base().dequantize(TensorScope.of(start.b()), ElementType.F32));
    }

    /// ‖a - b‖ / ‖b‖
    private static double distance(Tensor a, Tensor b) {
        Tensor difference = a.sub(b);
        return Math.sqrt(
                difference.mul(difference).sum().toFloat() / b.mul(b).sum().toFloat());
    }

    private Tensor golden(String name) {
        return Quantized.tensor(scope, "loftq", name);
    }
}
