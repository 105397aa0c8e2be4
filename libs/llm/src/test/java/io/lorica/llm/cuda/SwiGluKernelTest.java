package io.lorica.llm.cuda;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

class SwiGluKernelTest {

    private static final int ROWS = 3;

    @ParameterizedTest
    @CsvSource({"BF16,18944", "F16,4864", "F32,8960", "BF16,37", "F32,3"})
    void gatesAndGivesBothGradientsInPlace(Precision precision, int width) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            var joined = gpu.normal(precision, ROWS * 2 * width, 3);
            var dy = gpu.normal(precision, ROWS * width, 1);
            var y = gpu.result(precision, ROWS * width);
            SwiGluKernel swiGlu = new SwiGluKernel(gpu.kernels(), precision, width);

            // When
            swiGlu.forward(0, ROWS, joined.rows(2L * width), y.rows(width));
            swiGlu.backward(0, ROWS, joined.rows(2L * width), dy.rows(width), joined.rows(2L * width), dy.rows(width));

            // Then
            double[] product = new double[ROWS * width];
            double[] gradients = new double[ROWS * 2 * width];
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < width; i++) {
                    int at = row * 2 * width + i;
                    double gate = joined.values()[at];
                    double up = joined.values()[at + width];
                    double d = dy.values()[row * width + i];
                    double sigmoid = 1 / (1 + Math.exp(-gate));
                    product[row * width + i] = gate * sigmoid * up;
                    gradients[at] = d * up * sigmoid * (1 + gate * (1 - sigmoid));
                    gradients[at + width] = d * gate * sigmoid;
                }
            }
            assertClose(precision, y.read(), product);
            assertClose(precision, joined.read(), gradients);
            assertClose(precision, dy.read(), product);
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,64,16", "F16,64,3"})
    void readsTheFirstColumnsOfAWiderMatrixAndLeavesGateAndUp(Precision precision, int width, int room) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int wider = width + room;
            var joined = gpu.normal(precision, ROWS * 2 * width, 3);
            var dy = gpu.normal(precision, ROWS * wider, 1);
            var gradients = gpu.result(precision, ROWS * 2 * width);
            SwiGluKernel swiGlu = new SwiGluKernel(gpu.kernels(), precision, width);

            // When
            swiGlu.backward(0, ROWS, joined.rows(2L * width), dy.rows(wider), gradients.rows(2L * width), Rows.NONE);

            // Then
            double[] ofUp = new double[ROWS * width];
            double[] written = gradients.read();
            double[] writtenOfUp = new double[ROWS * width];
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < width; i++) {
                    double gate = joined.values()[row * 2 * width + i];
                    ofUp[row * width + i] = dy.values()[row * wider + i] * gate / (1 + Math.exp(-gate));
                    writtenOfUp[row * width + i] = written[row * 2 * width + width + i];
                }
            }
            assertClose(precision, writtenOfUp, ofUp);
            assertThat(joined.read()).isEqualTo(joined.values());
        }
    }
}
