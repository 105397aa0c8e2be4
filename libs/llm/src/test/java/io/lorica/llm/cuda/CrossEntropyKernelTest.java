package io.lorica.llm.cuda;

import java.util.Arrays;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.lorica.llm.cuda.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class CrossEntropyKernelTest {

    private static final double FACTOR = 0.125;
    private static final int UNLEARNED = -100;

    @ParameterizedTest
    @CsvSource({"BF16,152064", "F16,32000", "F32,151936", "BF16,1003", "F32,2"})
    void measuresAndLeavesTheGradientInPlace(Precision precision, int vocabulary) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            int rows = 4;
            var logits = gpu.normal(precision, rows * vocabulary, 4);
            long[] targets = {0, vocabulary - 1, UNLEARNED, greatest(logits.values(), 3 * vocabulary, vocabulary)};
            var weights = gpu.of(Precision.F32, 1, 0.5, 1, 2);
            var losses = gpu.result(Precision.F32, rows);
            var measured = gpu.result(Precision.F32, rows);
            var hits = gpu.result(Precision.F32, rows);
            long uploaded = gpu.longs(targets);
            CrossEntropyKernel loss = new CrossEntropyKernel(gpu.kernels(), precision, vocabulary);

            // When
            loss.measure(0, rows, logits.rows(vocabulary), uploaded, measured.address(), hits.address());
            loss.gradient(
                    0,
                    rows,
                    logits.rows(vocabulary),
                    uploaded,
                    weights.address(),
                    losses.address(),
                    hits.address(),
                    FACTOR);

            // Then
            double[] expectedLosses = new double[rows];
            double[] gradient = new double[rows * vocabulary];
            for (int row = 0; row < rows; row++) {
                if (targets[row] >= 0) {
                    double factor = FACTOR * weights.values()[row];
                    expectedLosses[row] =
                            fill(gradient, logits.values(), row * vocabulary, vocabulary, (int) targets[row], factor);
                }
            }
            assertClose(Precision.F32, losses.read(), expectedLosses);
            assertThat(measured.read()).isEqualTo(losses.read());
            assertClose(precision, logits.read(), gradient);
            double[] expectedHits = new double[rows];
            for (int row = 0; row < rows; row++) {
                expectedHits[row] = targets[row] == greatest(logits.values(), row * vocabulary, vocabulary) ? 1 : 0;
            }
            assertThat(hits.read()).isEqualTo(expectedHits);
            assertThat(expectedHits[3]).isOne();
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,5000", "F32,5000"})
    void survivesMaskedAndHugeLogits(Precision precision, int vocabulary) {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            double[] values = new double[vocabulary];
            Arrays.fill(values, Double.NEGATIVE_INFINITY);
            values[7] = 30_000;
            values[4999] = 30_000;
            var logits = gpu.of(precision, values);
            var losses = gpu.result(Precision.F32, 1);
            var hits = gpu.result(Precision.F32, 1);
            CrossEntropyKernel loss = new CrossEntropyKernel(gpu.kernels(), precision, vocabulary);

            // When
            loss.gradient(0, 1, logits.rows(vocabulary), gpu.longs(4999), 0, losses.address(), hits.address(), 1);

            // Then
            double[] gradient = new double[vocabulary];
            gradient[7] = 0.5;
            gradient[4999] = -0.5;
            // At 30,000 neighbours in float32 are 2⁻⁹ apart, and so is the logarithm of the sum.
            assertThat(losses.read()[0]).isCloseTo(Math.log(2), within(0x1p-9));
            assertThat(Closeness.error(logits.read(), gradient)).isLessThan(0x1p-8);
            // The first of two equals is the greatest.
            assertThat(hits.read()).containsExactly(0);
        }
    }

    private static double fill(double[] gradient, double[] logits, int from, int count, int target, double factor) {
        double greatest = logits[from + greatest(logits, from, count)];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(logits[from + i] - greatest);
        }
        for (int i = 0; i < count; i++) {
            double p = Math.exp(logits[from + i] - greatest) / sum;
            gradient[from + i] = factor * (i == target ? p - 1 : p);
        }
        return greatest + Math.log(sum) - logits[from + target];
    }

    private static int greatest(double[] logits, int from, int count) {
        int at = 0;
        for (int i = 1; i < count; i++) {
            at = logits[from + i] > logits[from + at] ? i : at;
        }
        return at;
    }
}
