package io.lorica.llm.tensor;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LinearAlgebraTest {

    @Test
    void bringsBackWhatTheHostComputesWhereTheGpuCannot() {
        // Given: a device that fails, as a GPU without cuSOLVER does
        try (TensorScope scope = TensorScope.open("test")) {
            Tensor matrix = scope.floats(new float[] {3, 0, 0, 2}, 2, 2);
            int before = scope.tensorCount();

            // When
            List<Tensor> parts = LinearAlgebra.hereOrOnHost(matrix, true, x -> failsFor(matrix, x));

            // Then: nothing but the result is left, and it belongs to the matrix's scope
            assertThat(parts)
                    .singleElement()
                    .satisfies(part -> assertThat(part.toFloatArray()).containsExactly(6, 0, 0, 4));
            assertThat(scope.tensorCount()).isEqualTo(before + 1);
        }
    }

    @Test
    void hasNoOtherWayOnTheHost() {
        try (TensorScope scope = TensorScope.open("test")) {
            Tensor matrix = scope.floats(new float[] {1}, 1, 1);

            assertThatThrownBy(() -> LinearAlgebra.hereOrOnHost(matrix, false, x -> failsFor(matrix, x)))
                    .isInstanceOf(TensorException.class)
                    .hasMessage("no cuSOLVER");
        }
    }

    private static List<Tensor> failsFor(Tensor device, Tensor x) {
        if (x == device) {
            throw new TensorException("no cuSOLVER");
        }
        return List.of(x.mul(2));
    }
}
