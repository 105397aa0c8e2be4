package io.lorica.llm.projection;

import java.util.Random;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class DoraProjectionTest {

    private static final int INPUTS = 5;
    private static final int OUTPUTS = 3;
    private static final int RANK = 2;

    private final Random random = new Random(3);

    @Test
    void mergedWeightDoesTheSame() {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            Dense dense = Dense.of(normal(scope, OUTPUTS, INPUTS), normal(scope, OUTPUTS));
            LoraProjection lora =
                    new LoraProjection(dense, normal(scope, RANK, INPUTS), normal(scope, OUTPUTS, RANK), 0.5, 0);
            DoraProjection dora = new DoraProjection(lora, normal(scope, OUTPUTS));
            Tensor x = normal(scope, 4, INPUTS);

            // When
            float[] merged =
                    Tensors.linear(x, dora.mergedWeight(scope), dense.bias()).toFloatArray();

            // Then: sums in another order
            assertSame(dora.apply(x).toFloatArray(), merged);
        }
    }

    @Test
    void rowsOfTheirOwnLengthChangeNothing() {
        // Given: B = 0 and the magnitudes of the frozen rows
        try (TensorScope scope = TensorScope.open("test")) {
            Dense dense = Dense.of(normal(scope, OUTPUTS, INPUTS), normal(scope, OUTPUTS));
            LoraProjection lora =
                    new LoraProjection(dense, normal(scope, RANK, INPUTS), scope.zeros(OUTPUTS, RANK), 0.5, 0);
            Tensor x = normal(scope, 4, INPUTS);

            // When
            float[] adapted = new DoraProjection(
                            lora, Tensors.rowNorms(dense.weight().values(scope)))
                    .apply(x)
                    .toFloatArray();

            // Then
            assertSame(adapted, dense.apply(x).toFloatArray());
        }
    }

    private Tensor normal(TensorScope scope, long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floats(values, shape);
    }

    private static void assertSame(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-5));
        }
    }
}
