package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.llm.cuda.AdamWTensor.Copy;
import io.lorica.llm.cuda.AdamWTensor.Moments;
import io.lorica.llm.cuda.GpuArrays.Array;
import org.junit.jupiter.api.Test;

import static io.lorica.llm.cuda.Closeness.assertClose;
import static io.lorica.llm.cuda.Closeness.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class AdamWKernelTest {

    private static final AdamWStep STEP = new AdamWStep(3, 1e-2, 0.9, 0.999, 1e-8);
    /// More than one chunk, an odd one, and one shorter than a block.
    private static final int[] SIZES = {20_000, 4_099, 5};

    @Test
    void layTensorsOutAsTheKernelsReadThem() {
        try (Arena arena = Arena.ofConfined()) {
            // Given
            MemorySegment memory = arena.allocate(88, 8);
            AdamWTensor tensor = new AdamWTensor(
                    1, 2, 9, new Moments.EightBit(3, 4, 5, 6), 10, 11, new Copy(new Rows(7, 8), 13, 12));

            // When
            AdamWTensors.write(memory, tensor);

            // Then
            assertThat(memory.asSlice(0, 72).toArray(ValueLayout.JAVA_LONG)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(memory.asSlice(72, 12).toArray(ValueLayout.JAVA_FLOAT)).containsExactly(10, 11, 12);
            assertThat(memory.get(ValueLayout.JAVA_INT, 84)).isEqualTo(13);
        }
    }

    @Test
    void refusesTensorsThatItCannotCount() {
        Moments none = new Moments.Full(0, 0);
        assertThatThrownBy(() -> new AdamWTensor(0, 0, 0, none, 1, 0, Copy.NONE))
                .hasMessageContaining("0 elements");
        assertThatThrownBy(() -> new AdamWTensor(0, 0, 1L << 31, none, 1, 0, Copy.NONE))
                .hasMessageContaining("2147483648");
    }

    @Test
    void measuresAndBoundsTheNormOfAllGradients() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            List<Trained> all = trained(gpu);
            AdamWKernel kernel = new AdamWKernel(gpu.kernels(), Precision.BF16);
            double norm = norm(all);
            try (AdamWTensors some = tensors(gpu, all.subList(0, 1));
                    AdamWTensors others = tensors(gpu, all.subList(1, all.size()));
                    GradientNorm together = GradientNorm.of(gpu.device(), List.of(some, others))) {
                // When
                kernel.norm(0, together, new GradientNorm.Bound(1, 2, 0));
                float[] bounded = gpu.floats(together.address(), 2);
                kernel.norm(0, together, new GradientNorm.Bound(8, 0, 0));
                float[] free = gpu.floats(together.address(), 2);

                // Then: sums of squares in float32, so six digits
                assertThat((double) bounded[0]).isCloseTo(norm, within(1e-6 * norm));
                assertThat((double) bounded[1]).isCloseTo(2 / norm, within(1e-5 * 2 / norm));
                assertThat(free).containsExactly(bounded[0] / 8, 1 / 8f);
            }
        }
    }

    @Test
    void movesAllTensorsAndRefreshesTheirCopies() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            List<Trained> all = trained(gpu);
            AdamWKernel kernel = new AdamWKernel(gpu.kernels(), Precision.BF16);
            try (AdamWTensors tensors = tensors(gpu, all);
                    GradientNorm norm = GradientNorm.of(gpu.device(), List.of(tensors))) {
                // When
                tensors.set(0, STEP);
                kernel.norm(0, norm, new GradientNorm.Bound(1, 2, 0));
                kernel.update(0, tensors, new AdamWKernel.Gradients(norm, true));

                // Then
                double factor = 2 / norm(all);
                for (Trained one : all) {
                    Expected expected = expected(one, one.first.values(), one.second.values(), factor);
                    // The factor has six digits, and so has what it multiplies.
                    assertThat(error(one.first.read(), expected.first)).isLessThan(1e-5);
                    assertThat(error(one.second.read(), expected.second)).isLessThan(1e-5);
                    assertThat(error(one.values.read(), expected.values)).isLessThan(1e-5);
                    assertClose(Precision.BF16, one.copied(), times(one.values.read(), 0.5));
                    assertThat(one.gradient.read()).containsOnly(0);
                }
            }
        }
    }

    @Test
    void movesNothingAfterAStepThatHadNoFiniteNumbersUntilItMayGoOn() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            List<Trained> all = trained(gpu);
            AdamWKernel kernel = new AdamWKernel(gpu.kernels(), Precision.BF16);
            long finite = gpu.of(Precision.F32, 3.5).address();
            long infinite = gpu.of(Precision.F32, Double.POSITIVE_INFINITY).address();
            try (AdamWTensors tensors = tensors(gpu, all);
                    GradientNorm norm = GradientNorm.of(gpu.device(), List.of(tensors))) {
                tensors.set(0, STEP);

                // When
                for (long loss : new long[] {infinite, finite}) {
                    kernel.norm(0, norm, new GradientNorm.Bound(1, 2, loss));
                    kernel.update(0, tensors, new AdamWKernel.Gradients(norm, false));
                }

                // Then
                assertThat(all).allSatisfy(one -> assertThat(one.values.read()).isEqualTo(one.values.values()));

                // When
                norm.goOn();
                kernel.norm(0, norm, new GradientNorm.Bound(1, 2, finite));
                kernel.update(0, tensors, new AdamWKernel.Gradients(norm, false));

                // Then
                assertThat(all).noneSatisfy(one -> assertThat(one.values.read()).isEqualTo(one.values.values()));
            }
        }
    }

    @Test
    void movesNothingWhereTheNormIsNoNumber() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given
            List<Trained> all = trained(gpu);
            try (Arena arena = Arena.ofConfined();
                    AdamWTensors tensors = tensors(gpu, all);
                    GradientNorm norm = GradientNorm.of(gpu.device(), List.of(tensors))) {
                all.get(1).gradient.memory().write(arena.allocateFrom(ValueLayout.JAVA_FLOAT, Float.NaN));
                AdamWKernel kernel = new AdamWKernel(gpu.kernels(), Precision.BF16);

                // When
                tensors.set(0, STEP);
                kernel.norm(0, norm, new GradientNorm.Bound(1, 2, 0));
                kernel.update(0, tensors, new AdamWKernel.Gradients(norm, false));

                // Then
                assertThat(gpu.floats(norm.address(), 1)).containsOnly(Float.NaN);
                assertThat(all).allSatisfy(one -> assertThat(one.values.read()).isEqualTo(one.values.values()));
            }
        }
    }

    @Test
    void keepsMomentsInEightBits() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            // Given: codes whose numbers are evenly spread
            int elements = 4_099;
            int blocks = Math.ceilDiv(elements, 256);
            double[] firstNumbers =
                    IntStream.range(0, 256).mapToDouble(i -> (i - 128) / 128.0).toArray();
            double[] secondNumbers =
                    IntStream.range(0, 256).mapToDouble(i -> i / 255.0).toArray();
            var firstBook = gpu.of(Precision.F32, firstNumbers);
            var secondBook = gpu.of(Precision.F32, secondNumbers);
            Trained one = Trained.of(gpu, elements, 0);
            byte[] first = gpu.randomBytes(elements);
            byte[] second = gpu.randomBytes(elements);
            DeviceMemory firstCodes = gpu.bytes(first);
            DeviceMemory secondCodes = gpu.bytes(second);
            double[] ones = new double[blocks];
            Arrays.fill(ones, 0.25);
            var firstLargest = gpu.of(Precision.F32, ones);
            var secondLargest = gpu.of(Precision.F32, ones);
            AdamWTensor tensor = one.tensor(new Moments.EightBit(
                    firstCodes.address(), secondCodes.address(), firstLargest.address(), secondLargest.address()));
            AdamWKernel kernel = new AdamWKernel(gpu.kernels(), Precision.BF16);
            try (AdamWTensors tensors = AdamWTensors.of(gpu.device(), List.of(tensor))) {
                // When
                tensors.set(0, STEP);
                kernel.updateEightBit(
                        0, tensors, new AdamWKernel.Gradients(null, true), firstBook.address(), secondBook.address());

                // Then
                Expected expected = expected(
                        one, decoded(first, firstBook.values(), ones), decoded(second, secondBook.values(), ones), 1);
                // Divisions and roots of the kernel are rounded to float32.
                assertThat(error(one.values.read(), expected.values)).isLessThan(1e-6);
                assertClose(Precision.BF16, one.copied(), times(one.values.read(), 0.5));
                assertThat(one.gradient.read()).containsOnly(0);
                assertNearest(expected.first, gpu.read(firstCodes), firstBook.values(), firstLargest.read());
                assertNearest(expected.second, gpu.read(secondCodes), secondBook.values(), secondLargest.read());
            }
        }
    }

    /// Each code is that of the nearest number, and the scale of a block is its largest absolute value.
    private static void assertNearest(double[] values, byte[] codes, double[] numbers, double[] largest) {
        for (int i = 0; i < values.length; i++) {
            double scale = largest[i / 256];
            assertThat(Math.abs(values[i])).isLessThanOrEqualTo(scale * (1 + 1e-6));
            double distance = Math.abs(values[i] / scale - numbers[codes[i] & 255]);
            double least = Double.MAX_VALUE;
            for (double number : numbers) {
                least = Math.min(least, Math.abs(values[i] / scale - number));
            }
            // Rounding may decide between two that are as near.
            assertThat(distance).isLessThanOrEqualTo(least + 1e-6);
        }
        for (int block = 0; block < largest.length; block++) {
            double most = 0;
            for (int i = 256 * block; i < Math.min(values.length, 256 * (block + 1)); i++) {
                most = Math.max(most, Math.abs(values[i]));
            }
            assertThat(largest[block]).isCloseTo(most, within(1e-6 * most));
        }
    }

    private static double[] decoded(byte[] codes, double[] numbers, double[] largest) {
        return IntStream.range(0, codes.length)
                .mapToDouble(i -> numbers[codes[i] & 255] * largest[i / 256])
                .toArray();
    }

    private record Expected(double[] values, double[] first, double[] second) {}

    private static Expected expected(Trained one, double[] first, double[] second, double factor) {
        int n = one.values.values().length;
        double[] values = new double[n];
        double[] m = new double[n];
        double[] v = new double[n];
        double rate = STEP.rate() * Trained.RATE_FACTOR;
        for (int i = 0; i < n; i++) {
            double g = factor * one.gradient.values()[i];
            m[i] = 0.9 * first[i] + 0.1 * g;
            v[i] = 0.999 * second[i] + 0.001 * g * g;
            double mean = m[i] / (1 - Math.pow(0.9, STEP.number()));
            double variance = v[i] / (1 - Math.pow(0.999, STEP.number()));
            values[i] = one.values.values()[i] * (1 - rate * Trained.DECAY)
                    - rate * mean / (Math.sqrt(variance) + STEP.epsilon());
        }
        return new Expected(values, m, v);
    }

    private static List<Trained> trained(GpuArrays gpu) {
        return IntStream.of(SIZES).mapToObj(size -> Trained.of(gpu, size, 3)).toList();
    }

    private static AdamWTensors tensors(GpuArrays gpu, List<Trained> all) {
        return AdamWTensors.of(
                gpu.device(),
                all.stream()
                        .map(one -> one.tensor(new Moments.Full(one.first.address(), one.second.address())))
                        .toList());
    }

    private static double norm(List<Trained> all) {
        return Math.sqrt(all.stream()
                .flatMap(one -> Stream.of(one.gradient.values()))
                .flatMapToDouble(Arrays::stream)
                .map(g -> g * g)
                .sum());
    }

    private static double[] times(double[] values, double factor) {
        return Arrays.stream(values).map(value -> factor * value).toArray();
    }

    /// A tensor with its gradient, moments and copy; the copy has rows of 8 in a matrix that is wider by some
    /// room.
    private record Trained(Array values, Array gradient, Array first, Array second, Array copy, int room) {

        static final double RATE_FACTOR = 2;
        static final double DECAY = 0.1;
        static final int COLUMNS = 8;

        static Trained of(GpuArrays gpu, int elements, int room) {
            double[] variance = Arrays.stream(
                            gpu.normal(Precision.F32, elements, 1).values())
                    .map(x -> x * x)
                    .toArray();
            return new Trained(
                    gpu.normal(Precision.F32, elements, 1),
                    gpu.normal(Precision.F32, elements, 1),
                    gpu.normal(Precision.F32, elements, 1),
                    gpu.of(Precision.F32, variance),
                    gpu.result(Precision.BF16, Math.ceilDiv(elements, COLUMNS) * (COLUMNS + room)),
                    room);
        }

        AdamWTensor tensor(Moments moments) {
            return new AdamWTensor(
                    values.address(),
                    gradient.address(),
                    values.values().length,
                    moments,
                    RATE_FACTOR,
                    DECAY,
                    new Copy(copy.rows(COLUMNS + room), COLUMNS, 0.5));
        }

        double[] copied() {
            double[] all = copy.read();
            return IntStream.range(0, values.values().length)
                    .mapToDouble(i -> all[i / COLUMNS * (COLUMNS + room) + i % COLUMNS])
                    .toArray();
        }
    }
}
