package io.lorica.llm.cuda;

import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DequantizeKernelTest {

    private static final int BLOCK = 64;
    private static final int SCALE_BLOCK = 256;

    @ParameterizedTest
    @CsvSource({"BF16,65600", "F16,8192", "F32,1000", "BF16,8"})
    void unpacksTwoCodesAByte(Precision precision, int elements) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int blocks = Math.ceilDiv(elements, BLOCK);
            byte[] codes = gpu.randomBytes(elements / 2);
            var numbers = gpu.normal(Precision.F32, 16, 1);
            var scales = gpu.normal(Precision.F32, blocks, 1);
            var out = gpu.result(precision, elements);
            DequantizeKernel kernel = new DequantizeKernel(gpu.kernels(), precision);

            // When
            kernel.fourBit(
                    0,
                    elements,
                    new DequantizeKernel.FourBit(gpu.bytes(codes).address(), numbers.address()),
                    scales.address(),
                    BLOCK,
                    out.address());

            // Then
            assertClose(precision, out.read(), unpacked(codes, numbers.values(), scales.values()));
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,65600", "F32,1000"})
    void unpacksScalesThatAreQuantisedThemselves(Precision precision, int elements) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int blocks = Math.ceilDiv(elements, BLOCK);
            byte[] codes = gpu.randomBytes(elements / 2);
            byte[] scaleCodes = gpu.randomBytes(blocks);
            var numbers = gpu.normal(Precision.F32, 16, 1);
            var scaleNumbers = gpu.normal(Precision.F32, 256, 1);
            var largest = gpu.normal(Precision.F32, Math.ceilDiv(blocks, SCALE_BLOCK), 1);
            var mean = gpu.of(Precision.F32, 0.75);
            var out = gpu.result(precision, elements);
            DequantizeKernel kernel = new DequantizeKernel(gpu.kernels(), precision);

            // When
            kernel.fourBit(
                    0,
                    elements,
                    new DequantizeKernel.FourBit(gpu.bytes(codes).address(), numbers.address()),
                    new DequantizeKernel.QuantizedScales(
                            gpu.bytes(scaleCodes).address(),
                            scaleNumbers.address(),
                            largest.address(),
                            mean.address(),
                            SCALE_BLOCK),
                    BLOCK,
                    out.address());

            // Then
            double[] scales = IntStream.range(0, blocks)
                    .mapToDouble(
                            i -> scaleNumbers.values()[scaleCodes[i] & 255] * largest.values()[i / SCALE_BLOCK] + 0.75)
                    .toArray();
            assertClose(precision, out.read(), unpacked(codes, numbers.values(), scales));
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,25,2688,64", "F16,3,1000,1000", "F32,5,24,24"})
    void multipliesBytesAndFindsRowsOfThem(Precision precision, int rows, int width, int block) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int elements = rows * width;
            byte[] codes = gpu.randomBytes(elements);
            long uploaded = gpu.bytes(codes).address();
            var scales = gpu.normal(Precision.F32, Math.ceilDiv(elements, block), 1);
            var all = gpu.result(precision, elements);
            var some = gpu.result(precision, 2 * width);
            long wanted = gpu.longs(rows - 1, 0);
            DequantizeKernel kernel = new DequantizeKernel(gpu.kernels(), precision);

            // When
            kernel.eightBit(0, elements, uploaded, scales.address(), block, all.address());
            kernel.eightBitRows(0, 2, width, uploaded, scales.address(), block, wanted, some.rows(width));

            // Then
            double[] expected = IntStream.range(0, elements)
                    .mapToDouble(i -> codes[i] * scales.values()[i / block])
                    .toArray();
            double[] expectedRows = new double[2 * width];
            System.arraycopy(expected, (rows - 1) * width, expectedRows, 0, width);
            System.arraycopy(expected, 0, expectedRows, width, width);
            assertClose(precision, all.read(), expected);
            assertClose(precision, some.read(), expectedRows);
        }
    }

    @Test
    void saysWhichMatricesItTakes() {
        assertThat(DequantizeKernel.fits(4096, 64)).isTrue();
        assertThat(DequantizeKernel.fits(4100, 64)).isFalse();
        assertThat(DequantizeKernel.fits(4096, 12)).isFalse();
        assertThat(DequantizeKernel.shift(64)).isEqualTo(6);
        assertThatThrownBy(() -> DequantizeKernel.shift(96)).hasMessageContaining("96");
    }

    private static double[] unpacked(byte[] codes, double[] numbers, double[] scales) {
        return IntStream.range(0, 2 * codes.length)
                .mapToDouble(i -> numbers[codes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15] * scales[i / BLOCK])
                .toArray();
    }
}
