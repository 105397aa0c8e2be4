package io.lorica.llm.cuda;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;
import static io.lorica.llm.cuda.Closeness.bound;
import static io.lorica.llm.cuda.Closeness.error;
import static org.assertj.core.api.Assertions.assertThat;

class RotaryKernelTest {

    private static final int TOKENS = 7;
    private static final int POSITIONS = 40;

    @ParameterizedTest
    @CsvSource({"BF16,32,128", "F16,14,64", "F32,3,128", "BF16,3,6", "F32,2,10"})
    void turnsQueriesAndKeysAndBackAgain(Precision precision, int heads, int width) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int row = (heads + 1) * width;
            var joined = gpu.normal(precision, TOKENS * row, 1);
            var cosines = gpu.of(Precision.F32, angles(width / 2, true));
            var sines = gpu.of(Precision.F32, angles(width / 2, false));
            long[] positions = {0, 1, 2, 0, 39, 17, 5};
            long uploaded = gpu.longs(positions);
            RotaryKernel rotary = new RotaryKernel(gpu.kernels(), precision, width);

            // When
            Rows all = joined.rows(row);
            rotary.forward(0, TOKENS, heads, all, all, uploaded, cosines.address(), sines.address());
            double[] turned = joined.read();
            rotary.backward(0, TOKENS, heads, all, all, uploaded, cosines.address(), sines.address());

            // Then
            double[] expected = joined.values().clone();
            for (int token = 0; token < TOKENS; token++) {
                for (int head = 0; head < heads; head++) {
                    turn(expected, token * row + head * width, width / 2, positions[token]);
                }
            }
            assertClose(precision, turned, expected);
            // Rounded twice.
            assertThat(error(joined.read(), joined.values())).isLessThan(2 * bound(precision));
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,64", "F32,6"})
    void turnsIntoAWiderMatrixByTheOrderOfTokens(Precision precision, int width) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int wider = 3 * width;
            var heads = gpu.normal(precision, TOKENS * width, 1);
            var joined = gpu.normal(precision, TOKENS * wider, 1);
            var cosines = gpu.of(Precision.F32, angles(width / 2, true));
            var sines = gpu.of(Precision.F32, angles(width / 2, false));
            RotaryKernel rotary = new RotaryKernel(gpu.kernels(), precision, width);

            // When
            rotary.forward(0, TOKENS, 1, heads.rows(width), joined.rows(wider), 0, cosines.address(), sines.address());

            // Then
            double[] expected = joined.values().clone();
            for (int token = 0; token < TOKENS; token++) {
                System.arraycopy(heads.values(), token * width, expected, token * wider, width);
                turn(expected, token * wider, width / 2, token);
            }
            assertClose(precision, joined.read(), expected);
            assertThat(heads.read()).isEqualTo(heads.values());
        }
    }

    private static void turn(double[] values, int from, int half, long position) {
        for (int i = 0; i < half; i++) {
            double angle = angle(position, i, half);
            double x = values[from + i];
            double y = values[from + half + i];
            values[from + i] = x * Math.cos(angle) - y * Math.sin(angle);
            values[from + half + i] = y * Math.cos(angle) + x * Math.sin(angle);
        }
    }

    private static double[] angles(int half, boolean cosines) {
        double[] values = new double[POSITIONS * half];
        for (int p = 0; p < POSITIONS; p++) {
            for (int i = 0; i < half; i++) {
                double angle = angle(p, i, half);
                values[p * half + i] = cosines ? Math.cos(angle) : Math.sin(angle);
            }
        }
        return values;
    }

    private static double angle(long position, int pair, int half) {
        return position * Math.pow(10_000, -(double) pair / half);
    }
}
