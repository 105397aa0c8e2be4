package io.lorica.llm.cuda;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

class RmsNormKernelTest {

    private static final double EPSILON = 1e-6;
    private static final int ROWS = 5;

    @Test
    void takesWholeWarpsThatKeepARowInRegisters() {
        assertThat(RmsNormKernel.threads(3584, 8)).isEqualTo(224);
        assertThat(RmsNormKernel.threads(1536, 8)).isEqualTo(96);
        assertThat(RmsNormKernel.threads(1, 1)).isEqualTo(32);
        assertThat(RmsNormKernel.threads(100_000, 1)).isEqualTo(512);
    }

    @ParameterizedTest
    @CsvSource({"BF16,3584", "F16,1536", "F32,3584", "BF16,77", "F32,5", "BF16,20000"})
    void normalisesASumAndGivesItsGradientBack(Precision precision, int width) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            var x = gpu.normal(precision, ROWS * width, 2);
            var residual = gpu.normal(precision, ROWS * width, 1);
            var gain = gpu.normal(precision, width, 1);
            var dy = gpu.normal(precision, ROWS * width, 1);
            var carried = gpu.normal(precision, ROWS * width, 1);
            var y = gpu.result(precision, ROWS * width);
            var scales = gpu.result(Precision.F32, ROWS);
            var dx = gpu.result(precision, ROWS * width);
            RmsNormKernel norm = new RmsNormKernel(gpu.kernels(), precision, width, EPSILON);

            // When
            norm.addForward(
                    0,
                    ROWS,
                    x.rows(width),
                    residual.rows(width),
                    x.rows(width),
                    gain.address(),
                    y.rows(width),
                    scales.address());
            norm.addBackward(
                    0,
                    ROWS,
                    dy.rows(width),
                    x.rows(width),
                    gain.address(),
                    scales.address(),
                    carried.rows(width),
                    dx.rows(width));

            // Then
            double[] sum = new double[x.values().length];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = x.values()[i] + residual.values()[i];
            }
            assertClose(precision, x.read(), sum);
            double[] stored = x.read();
            assertClose(precision, y.read(), normalised(stored, gain.values()));
            assertClose(precision, dx.read(), gradient(stored, gain.values(), dy.values(), carried.values()));
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,3584", "F16,78", "F32,1536"})
    void normalisesAloneAndGivesItsGradientBackInPlace(Precision precision, int width) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            var x = gpu.normal(precision, ROWS * width, 3);
            var gain = gpu.normal(precision, width, 1);
            var dy = gpu.normal(precision, ROWS * width, 1);
            var y = gpu.result(precision, ROWS * width);
            var scales = gpu.result(Precision.F32, ROWS);
            RmsNormKernel norm = new RmsNormKernel(gpu.kernels(), precision, width, EPSILON);

            // When
            norm.forward(0, ROWS, x.rows(width), gain.address(), y.rows(width), scales.address());
            norm.backward(0, ROWS, dy.rows(width), x.rows(width), gain.address(), scales.address(), dy.rows(width));

            // Then
            double[] nothing = new double[ROWS * width];
            assertClose(precision, y.read(), normalised(x.values(), gain.values()));
            assertClose(precision, dy.read(), gradient(x.values(), gain.values(), dy.values(), nothing));
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,1536,16", "BF16,1536,3", "F32,64,7"})
    void writesTheFirstColumnsOfAWiderMatrix(Precision precision, int width, int room) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int wider = width + room;
            var x = gpu.normal(precision, ROWS * width, 1);
            var gain = gpu.normal(precision, width, 1);
            var y = gpu.normal(precision, ROWS * wider, 1);
            RmsNormKernel norm = new RmsNormKernel(gpu.kernels(), precision, width, EPSILON);

            // When
            norm.forward(0, ROWS, x.rows(width), gain.address(), y.rows(wider), 0);

            // Then
            double[] expected = y.values().clone();
            double[] normalised = normalised(x.values(), gain.values());
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(normalised, row * width, expected, row * wider, width);
            }
            assertClose(precision, y.read(), expected);
        }
    }

    private static double[] normalised(double[] x, double[] gain) {
        int width = gain.length;
        double[] y = new double[x.length];
        for (int row = 0; row < ROWS; row++) {
            double scale = scale(x, row, width);
            for (int i = 0; i < width; i++) {
                y[row * width + i] = x[row * width + i] * scale * gain[i];
            }
        }
        return y;
    }

    private static double[] gradient(double[] x, double[] gain, double[] dy, double[] carried) {
        int width = gain.length;
        double[] dx = new double[x.length];
        for (int row = 0; row < ROWS; row++) {
            double scale = scale(x, row, width);
            double along = 0;
            for (int i = 0; i < width; i++) {
                along += dy[row * width + i] * gain[i] * x[row * width + i] / width;
            }
            for (int i = 0; i < width; i++) {
                int at = row * width + i;
                dx[at] = carried[at] + scale * dy[at] * gain[i] - scale * scale * scale * along * x[at];
            }
        }
        return dx;
    }

    private static double scale(double[] x, int row, int width) {
        double squares = 0;
        for (int i = 0; i < width; i++) {
            squares += x[row * width + i] * x[row * width + i];
        }
        return 1 / Math.sqrt(squares / width + EPSILON);
    }
}
