package io.lorica.llm.cuda;

import java.util.stream.IntStream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;

class ElementKernelTest {

    private static final double FACTOR = -0.75;

    @ParameterizedTest
    @CsvSource({
        "BF16,F32,40960",
        "BF16,F32,40963",
        "F16,F32,7",
        "F32,BF16,8192",
        "F32,F16,4099",
        "F32,F32,9000",
        "BF16,BF16,100000",
        "F16,BF16,4096",
        "BF16,F16,4096",
        "F16,F16,1"
    })
    void scalesAndAccumulates(Precision from, Precision to, int elements) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            var x = gpu.normal(from, elements, 1);
            var scaled = gpu.result(to, elements);
            var sum = gpu.normal(to, elements, 1);
            ElementKernel kernel = new ElementKernel(gpu.kernels(), from, to);

            // When
            kernel.scale(0, elements, x.address(), scaled.address(), FACTOR);
            kernel.accumulate(0, elements, x.address(), sum.address(), FACTOR);

            // Then
            double[] product = IntStream.range(0, elements)
                    .mapToDouble(i -> FACTOR * x.values()[i])
                    .toArray();
            assertClose(to, scaled.read(), product);
            assertClose(
                    to,
                    sum.read(),
                    IntStream.range(0, elements)
                            .mapToDouble(i -> sum.values()[i] + product[i])
                            .toArray());
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,F32", "F32,BF16"})
    void takesAddressesThatAreNotAligned(Precision from, Precision to) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int elements = 5000;
            var x = gpu.normal(from, elements + 1, 1);
            var y = gpu.result(to, elements);
            ElementKernel kernel = new ElementKernel(gpu.kernels(), from, to);

            // When
            kernel.scale(0, elements, x.address() + from.bytes(), y.address(), 1);

            // Then
            assertClose(
                    to,
                    y.read(),
                    IntStream.range(0, elements)
                            .mapToDouble(i -> x.values()[i + 1])
                            .toArray());
        }
    }
}
