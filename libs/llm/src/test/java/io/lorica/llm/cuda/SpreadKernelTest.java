package io.lorica.llm.cuda;

import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;

class SpreadKernelTest {

    private static final double SCALE = 0.5;

    @ParameterizedTest
    @CsvSource({"BF16,1536,16", "F16,70,3", "F32,64,8"})
    void writesEachMatrixToItsPlaceAndNothingElse(Precision precision, int inputs, int rank) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given: A goes into rows of its own, B into the last columns of a wider matrix
            int outputs = 700;
            int width = inputs + rank;
            var a = gpu.normal(Precision.F32, rank * inputs, 1);
            var b = gpu.normal(Precision.F32, outputs * rank, 1);
            var intoA = gpu.normal(precision, rank * inputs, 1);
            var wide = gpu.normal(precision, outputs * width, 1);
            Rows columns = new Rows(wide.address() + (long) inputs * precision.bytes(), width);
            List<SpreadTable.Member> members = List.of(
                    new SpreadTable.Member(a.address(), intoA.rows(inputs), rank, inputs, 1),
                    new SpreadTable.Member(b.address(), columns, outputs, rank, SCALE));

            // When
            try (SpreadTable table = SpreadTable.of(gpu.device(), members)) {
                new SpreadKernel(gpu.kernels(), precision).spread(0, table);
                gpu.device().synchronize();
            }

            // Then
            double[] expected = wide.values().clone();
            for (int i = 0; i < outputs * rank; i++) {
                expected[i / rank * width + inputs + i % rank] = SCALE * b.values()[i];
            }
            assertClose(precision, intoA.read(), a.values());
            assertClose(precision, wide.read(), expected);
        }
    }
}
