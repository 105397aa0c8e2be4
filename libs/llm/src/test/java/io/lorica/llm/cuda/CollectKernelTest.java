package io.lorica.llm.cuda;

import java.util.List;

import io.lorica.llm.cuda.GpuArrays.Array;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;

class CollectKernelTest {

    private static final double SCALE = 0.5;

    @ParameterizedTest
    @CsvSource({"BF16,1536,16", "BF16,9000,4", "F16,70,3", "F16,4099,3", "F32,64,8"})
    void addsEachAdaptersPartOfTheCommonGradients(Precision precision, int inputs, int rank) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given: two adapters beside each other, with more inputs and outputs than a block of threads takes
            int[] outputs = {40, 700};
            int columns = 2 * rank + 1;
            int all = outputs[0] + outputs[1];
            var ofA = gpu.normal(precision, columns * inputs, 1);
            var ofB = gpu.normal(precision, all * columns, 1);
            Array[] a = {gpu.normal(Precision.F32, rank * inputs, 1), gpu.normal(Precision.F32, rank * inputs, 1)};
            Array[] b = {
                gpu.normal(Precision.F32, outputs[0] * rank, 1), gpu.normal(Precision.F32, outputs[1] * rank, 1)
            };
            List<CollectTable.Member> members = List.of(
                    new CollectTable.Member(a[0].address(), b[0].address(), 0, rank, 0, outputs[0], inputs, SCALE),
                    new CollectTable.Member(
                            a[1].address(), b[1].address(), rank, rank, outputs[0], outputs[1], inputs, SCALE));
            CollectKernel kernel = new CollectKernel(gpu.kernels(), precision);

            // When
            try (CollectTable table = CollectTable.of(gpu.device(), members)) {
                kernel.collect(0, table, ofA.rows(inputs), ofB.rows(columns));
                gpu.device().synchronize();
            }

            // Then
            for (int k = 0; k < 2; k++) {
                double[] expectedA = a[k].values().clone();
                for (int i = 0; i < expectedA.length; i++) {
                    expectedA[i] += ofA.values()[k * rank * inputs + i];
                }
                double[] expectedB = b[k].values().clone();
                for (int i = 0; i < expectedB.length; i++) {
                    int row = (k == 0 ? 0 : outputs[0]) + i / rank;
                    expectedB[i] += SCALE * ofB.values()[row * columns + k * rank + i % rank];
                }
                assertClose(Precision.F32, a[k].read(), expectedA);
                assertClose(Precision.F32, b[k].read(), expectedB);
            }
        }
    }
}
