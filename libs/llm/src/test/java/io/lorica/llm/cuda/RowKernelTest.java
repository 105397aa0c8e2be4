package io.lorica.llm.cuda;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class RowKernelTest {

    private static final long[] POSITIONS = {4, 0, 2};
    private static final int ROWS = 6;

    @ParameterizedTest
    @CsvSource({"BF16,3584,0", "F32,1536,64", "F16,77,2", "BF16,1,0"})
    void takesRowsFromPositionsAndPutsThemBack(Precision precision, int width, int room) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int wider = width + room;
            var all = gpu.normal(precision, ROWS * wider, 1);
            var some = gpu.result(precision, POSITIONS.length * width);
            var back = gpu.normal(precision, ROWS * width, 1);
            long positions = gpu.longs(POSITIONS);
            RowKernel rows = new RowKernel(gpu.kernels(), precision, width);

            // When
            rows.gather(0, POSITIONS.length, all.rows(wider), positions, some.rows(width));
            rows.scatter(0, POSITIONS.length, some.rows(width), positions, back.rows(width));

            // Then
            double[] gathered = new double[POSITIONS.length * width];
            double[] scattered = back.values().clone();
            for (int i = 0; i < POSITIONS.length; i++) {
                int at = Math.toIntExact(POSITIONS[i]);
                System.arraycopy(all.values(), at * wider, gathered, i * width, width);
                System.arraycopy(all.values(), at * wider, scattered, at * width, width);
            }
            assertThat(some.read()).isEqualTo(gathered);
            assertThat(back.read()).isEqualTo(scattered);
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,512,16", "F32,3,1"})
    void copiesIntoTheFirstColumnsOfAWiderMatrix(Precision precision, int width, int room) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int wider = width + room;
            var from = gpu.normal(precision, ROWS * width, 1);
            var to = gpu.normal(precision, ROWS * wider, 1);

            // When
            new RowKernel(gpu.kernels(), precision, width).copy(0, ROWS, from.rows(width), to.rows(wider));

            // Then
            double[] expected = to.values().clone();
            for (int row = 0; row < ROWS; row++) {
                System.arraycopy(from.values(), row * width, expected, row * wider, width);
            }
            assertThat(to.read()).isEqualTo(expected);
        }
    }
}
