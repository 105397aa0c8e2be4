package io.lorica.llm.tensor;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class AutogradTest {

    private static final int SIZE = 4096;

    @Test
    void constantsOutliveTheirScopeUntilTheBackwardPass() {
        // Given: y = 3 · c · x with constants whose Java objects are gone
        try (TensorScope scope = TensorScope.open("test");
                Autograd recording = Autograd.recording()) {
            Tensor parameter = Autograd.parameter(scope.zeros(SIZE));
            Tensor result = product(scope, parameter);
            scribbleOverFreedBuffers();

            // When
            Autograd.backward(result.sum(), scope.scalar(1));

            // Then
            assertThat(Autograd.gradient(parameter).toFloatArray()).containsOnly(15f);
        }
    }

    @Test
    void gradientOfTheNormAgreesWithFiniteDifferences() {
        // Given
        float[] values = {0.5f, -1, 2, 0.25f};
        float[] gain = {1, 2, -1, 0.5f};
        try (TensorScope scope = TensorScope.open("test")) {
            Tensor x = Autograd.parameter(scope.floats(values, 1, 4));
            Tensor weight = scope.floats(gain, 4);

            // When
            try (Autograd recording = Autograd.recording()) {
                Autograd.backward(Tensors.rmsNorm(x, weight, 1e-6).sum(), scope.scalar(1));
            }

            // Then: central differences of float32 values, so two to three digits
            float[] gradient = Autograd.gradient(x).toFloatArray();
            for (int i = 0; i < values.length; i++) {
                double slope = (sumOfNorm(values, gain, i, 1e-3) - sumOfNorm(values, gain, i, -1e-3)) / 2e-3;
                assertThat((double) gradient[i]).isCloseTo(slope, within(1e-3));
            }
        }
    }

    @Test
    void knowsWhatIsRecorded() {
        // Given
        try (TensorScope scope = TensorScope.open("test");
                Autograd recording = Autograd.recording()) {
            Tensor parameter = Autograd.parameter(scope.zeros(2));

            // When
            Tensor computed = parameter.mul(2);

            // Then
            assertThat(Autograd.recorded(parameter)).isTrue();
            assertThat(Autograd.recorded(computed)).isTrue();
            assertThat(Autograd.recorded(Autograd.detach(computed))).isFalse();
        }
    }

    @Test
    void namesOperationAndShapesOfAFailure() {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            Tensor x = scope.zeros(2, 3);
            Tensor weight = scope.zeros(4, 5);

            // When // Then
            assertThatThrownBy(() -> Tensors.linear(x, weight, null))
                    .isInstanceOf(TensorException.class)
                    .hasMessageContaining("aten::linear")
                    .hasMessageContaining("(2, 3)")
                    .hasMessageContaining("(4, 5)");
        }
    }

    private static Tensor product(TensorScope scope, Tensor parameter) {
        try (TensorScope inner = scope.child("inner")) {
            float[] fives = new float[SIZE];
            Arrays.fill(fives, 5);
            Tensor scaled =
                    inner.borrow(parameter).mul(inner.floats(fives, SIZE)).mul(3);
            return scope.adopt(scaled);
        }
    }

    private static void scribbleOverFreedBuffers() {
        for (int round = 0; round < 3; round++) {
            System.gc();
            for (int i = 0; i < 2000; i++) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(i % 2 == 0 ? SIZE * Float.BYTES : Float.BYTES);
                buffer.put(0, new byte[] {1, 2, 3, 4});
            }
        }
    }

    private static double sumOfNorm(float[] values, float[] gain, int moved, double distance) {
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            squares += Math.pow(values[i] + (i == moved ? distance : 0), 2);
        }
        double root = Math.sqrt(squares / values.length + 1e-6);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += (values[i] + (i == moved ? distance : 0)) / root * gain[i];
        }
        return sum;
    }
}
