package io.lorica.llm.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Quantized;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

class AdamWTest {

    private static final List<String> NAMES = List.of("large", "small");

    private final TensorScope scope = TensorScope.open("test");

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ADAMW")
    void firstStepsInEightBitsEqualTheReference(OptimizerKind kind) {
        // Given
        SequencedMap<String, Tensor> parameters = parameters();
        try (AdamW optimizer = optimizer(parameters, kind, 0.01)) {
            for (int step = 1; step <= 5; step++) {
                optimizer.clearGradients();
                for (String name : NAMES) {
                    addGradient(parameters.get(name), golden(name + ".gradient." + step));
                }

                // When
                advance(optimizer, step);

                // Then: float32 in another order; a code may differ where two are equally near, which moves a parameter
                // by less than a hundredth of the rate
                for (String name : NAMES) {
                    float[] expected = golden(name + ".value." + step).toFloatArray();
                    float[] actual = parameters.get(name).toFloatArray();
                    assertThat(actual).containsExactly(expected, within(1e-4f));
                    assertThat(shareBeyond(actual, expected, 1e-6f)).isLessThan(0.002);
                }
            }
        }
    }

    @Test
    void pagesOfHostMemoryGiveTheSameBits() {
        assumeFalse(
                TensorDevice.current().gpu(), "on a GPU only moments that lie there are moved by kernels of our own");
        // Given
        SequencedMap<String, Tensor> here = parameters();
        SequencedMap<String, Tensor> there = parameters();
        try (AdamW resident = optimizer(here, OptimizerKind.ADAMW_8BIT, 0.01);
                AdamW paged = optimizer(there, OptimizerKind.PAGED_ADAMW_8BIT, 0.01)) {
            for (int step = 1; step <= 3; step++) {
                for (String name : NAMES) {
                    addGradient(here.get(name), golden(name + ".gradient." + step));
                    addGradient(there.get(name), golden(name + ".gradient." + step));
                }

                // When
                advance(resident, step);
                advance(paged, step);
            }

            // Then
            for (String name : NAMES) {
                assertThat(there.get(name).toFloatArray())
                        .containsExactly(here.get(name).toFloatArray());
            }
        }
    }

    @Test
    void momentsTakeAQuarterOfTheMemory() {
        // Given: 70 · 64 elements in 18 blocks, and 16 · 16 elements that stay in float32
        try (AdamW full = optimizer(parameters(), OptimizerKind.ADAMW, 0);
                AdamW bytes = optimizer(parameters(), OptimizerKind.ADAMW_8BIT, 0)) {
            // When
            long inFull = full.bytes();
            long inBytes = bytes.bytes();

            // Then
            assertThat(inFull).isEqualTo(2 * 4 * (18 * 256 + 256));
            assertThat(inBytes).isEqualTo(2 * (18 * 256 + 18 * 4) + 2 * 4 * 256);
        }
    }

    @Test
    void theNormIsThatOfAllGradientsTogether() {
        // Given
        SequencedMap<String, Tensor> parameters = parameters();
        try (AdamW optimizer = optimizer(parameters, OptimizerKind.ADAMW, 0)) {
            double squares = 0;
            for (String name : NAMES) {
                Tensor gradient = golden(name + ".gradient.1");
                addGradient(parameters.get(name), gradient);
                for (float element : gradient.toFloatArray()) {
                    squares += (double) element * element;
                }
            }

            // When
            double norm = optimizer.gradientNorm();

            // Then: float32 sums
            assertThat(norm).isCloseTo(Math.sqrt(squares), within(1e-5 * norm));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ADAMW", "ADAMW_8BIT"})
    void gradientsLongerThanTheLimitAreBroughtDownToIt(OptimizerKind kind) {
        // Given: the same gradients plain, and four times as large by a scale that is taken out again
        SequencedMap<String, Tensor> plain = parameters();
        SequencedMap<String, Tensor> scaled = parameters();
        try (AdamW one = optimizer(plain, kind, 0.01);
                AdamW other = optimizer(scaled, kind, 0.01)) {
            for (String name : NAMES) {
                addGradient(plain.get(name), golden(name + ".gradient.1"));
                addGradient(scaled.get(name), golden(name + ".gradient.1").mul(4));
            }
            double norm = one.gradientNorm();

            // When: moments of the first step are a tenth of the gradients, whose length is limited to a half
            double told = one.advance(1, 1e-2, new GradientLimit(1, norm / 2), scope.zeros())
                    .toFloat();
            double toldOfScaled = other.advance(1, 1e-2, new GradientLimit(4, norm / 2), scope.zeros())
                    .toFloat();

            // Then: float32 sums
            assertThat(told).isCloseTo(norm, within(1e-5 * norm));
            assertThat(toldOfScaled).isCloseTo(norm, within(1e-5 * norm));
            for (String name : NAMES) {
                assertThat(scaled.get(name).toFloatArray())
                        .containsExactly(plain.get(name).toFloatArray(), within(1e-6f));
            }
            if (kind == OptimizerKind.ADAMW) {
                float[] mean = one.state(scope).get("large.mean").toFloatArray();
                float[] gradient = golden("large.gradient.1").toFloatArray();
                assertThat(mean[0]).isCloseTo(0.05f * gradient[0], within(1e-5f * Math.abs(gradient[0])));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, NaN", "1, Infinity", "NaN, 0", "Infinity, 0"})
    void nothingMovesWhereGradientsOrLossAreNoFiniteNumbers(double factor, double loss) {
        // Given
        SequencedMap<String, Tensor> parameters = parameters();
        try (AdamW optimizer = optimizer(parameters, OptimizerKind.ADAMW_8BIT, 0.01)) {
            addGradient(parameters.get("small"), golden("small.gradient.1").mul(factor));

            // When
            optimizer.advance(1, 1e-2, GradientLimit.NONE, scope.zeros().addInPlace(loss));

            // Then
            for (String name : NAMES) {
                assertThat(parameters.get(name).toFloatArray())
                        .containsExactly(golden(name + ".start").toFloatArray());
            }
            optimizer
                    .state(scope)
                    .values()
                    .forEach(moment -> assertThat(moment.toFloatArray()).containsOnly(0));
        }
    }

    @Test
    void parametersKeepTheirValuesAndTheirGradientsWhenTheyAreMovedTogether() {
        // Given
        SequencedMap<String, Tensor> parameters = parameters();
        addGradient(parameters.get("small"), golden("small.gradient.2"));

        // When
        try (AdamW optimizer = optimizer(parameters, OptimizerKind.ADAMW, 0)) {
            // Then
            for (String name : NAMES) {
                assertThat(parameters.get(name).toFloatArray())
                        .containsExactly(golden(name + ".start").toFloatArray());
            }
            assertThat(Autograd.gradient(parameters.get("small")).toFloatArray())
                    .containsExactly(golden("small.gradient.2").toFloatArray());
            optimizer.clearGradients();
            assertThat(optimizer.gradientNorm()).isZero();
        }
    }

    private SequencedMap<String, Tensor> parameters() {
        SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
        NAMES.forEach(name -> parameters.put(name, Autograd.parameter(golden(name + ".start"))));
        return parameters;
    }

    private AdamW optimizer(SequencedMap<String, Tensor> parameters, OptimizerKind kind, double weightDecay) {
        return new AdamW(scope, parameters, new OptimizerSpec(kind, 0.9, 0.999, 1e-8), weightDecay, name -> 1);
    }

    private void advance(AdamW optimizer, int step) {
        optimizer.advance(step, 1e-2, GradientLimit.NONE, scope.zeros());
    }

    private void addGradient(Tensor parameter, Tensor gradient) {
        try (Autograd recording = Autograd.recording()) {
            Autograd.backward(scope.borrow(parameter).mul(1), gradient);
        }
    }

    private Tensor golden(String name) {
        return Quantized.tensor(scope, "adam8", name);
    }

    private static double shareBeyond(float[] actual, float[] expected, float tolerance) {
        int beyond = 0;
        for (int i = 0; i < expected.length; i++) {
            beyond += Math.abs(actual[i] - expected[i]) > tolerance * Math.max(1, Math.abs(expected[i])) ? 1 : 0;
        }
        return (double) beyond / expected.length;
    }
}
