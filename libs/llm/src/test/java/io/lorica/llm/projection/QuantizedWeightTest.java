package io.lorica.llm.projection;

import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.testing.Quantized;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

class QuantizedWeightTest {

    private final TensorScope scope = TensorScope.open("test");

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FULL")
    void multipliesAndLeadsGradientsToTheInputAsItsNumbersDo(WeightFormat format) {
        // Given
        FrozenWeight weight = weight(format);
        Tensor x = input();
        Tensor bias = scope.floats(new float[] {1, 2, 3, 4}, 4).expand(40, 4).reshape(160);
        Tensor gradient = Tensors.narrow(matrix(), 1, 0, 5).transpose(0, 1).contiguous(); // (5, 160)

        // When
        Tensor y;
        try (Autograd recording = Autograd.recording()) {
            Autograd.parameter(x);
            y = weight.multiply(x, bias);
        }
        Autograd.backward(y, gradient);

        // Then
        Tensor numbers = weight.values(scope);
        assertThat(y.toFloatArray())
                .containsExactly(Tensors.linear(x, numbers, bias).toFloatArray());
        assertThat(Autograd.gradient(x).toFloatArray())
                .containsExactly(gradient.matMul(numbers).toFloatArray());
    }

    @Test
    void aProductLeavesOnlyItself() {
        // Given
        FrozenWeight weight = weight(WeightFormat.NF4_DOUBLE);
        Tensor x = input();
        int before = scope.tensorCount();

        // When
        weight.multiply(x, null);

        // Then
        assertThat(scope.tensorCount()).isEqualTo(before + 1);
    }

    @Test
    void computesInTheTypeOfTheInput() {
        // Given
        FrozenWeight weight = weight(WeightFormat.FP4);

        // When
        Tensor y = weight.multiply(input().to(ElementType.BF16), null);

        // Then
        assertThat(y.type()).isEqualTo(ElementType.BF16);
    }

    private FrozenWeight weight(WeightFormat format) {
        return new QuantizedWeight(requireNonNull(format.quantizer(scope)).quantize(scope, matrix()), ElementType.F32);
    }

    /// `(5, 128)`
    private Tensor input() {
        return Tensors.narrow(matrix(), 0, 20, 5).duplicate();
    }

    /// `(160, 128)`
    private Tensor matrix() {
        return Quantized.tensor(scope, "quantized", "wide");
    }
}
