package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.AdaptedModel;
import io.lorica.llm.testing.Golden;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class PackedLossTest {

    private static final int VOCABULARY = 64;
    // Both compute in float32, and add what a longer row holds in another order.
    private static final double LOSS = 1e-5;
    private static final double GRADIENT = 1e-4;
    // Means over all tokens, in which the rounding of single ones averages out.
    private static final Percentage MEASURED = Percentage.withPercentage(1e-4);

    /// Loss and gradients of a set of windows, and the loss that is measured of them.
    private record Outcome(TokenLoss loss, TokenLoss measured, Map<String, float[]> gradients) {}

    // One each with biases, llama3 scaling, a sliding window, norms of heads, a window in some layers only
    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama", "mistral", "qwen3", "qwen2-yarn"})
    void packedRowsGiveTheLossAndGradientsOfRowsApart(String name) {
        assertPackedEqualsApart(name, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama", "mistral", "qwen2-yarn"})
    void packedRowsGiveThemByHandToo(String name) {
        assertPackedEqualsApart(name, true);
    }

    private static void assertPackedEqualsApart(String name, boolean fused) {
        // Given
        List<TokenizedExample> rows = rows();
        List<Window> packed =
                List.of(new Window(rows.subList(0, 1)), new Window(rows.subList(1, 4)), new Window(rows.subList(4, 7)));

        // When
        Outcome apart = learn(name, Windows.single(rows), 1, false);
        Outcome together = learn(name, packed, packed.size(), fused);

        // Then
        assertThat(together.loss().tokens()).isEqualTo(apart.loss().tokens());
        assertThat(together.loss().mean()).isCloseTo(apart.loss().mean(), within(LOSS));
        assertThat(together.loss().thinkingMean()).isCloseTo(apart.loss().thinkingMean(), within(LOSS));
        assertThat(together.measured().mean()).isCloseTo(apart.measured().mean(), MEASURED);
        assertThat(together.measured().accuracy()).isEqualTo(apart.measured().accuracy());
        apart.gradients()
                .forEach((parameter, gradient) -> assertThat(
                                distance(together.gradients().getOrDefault(parameter, new float[0]), gradient))
                        .as(parameter)
                        .isLessThan(GRADIENT));
    }

    /// @param measuredAtOnce how many windows pass at once where they are measured
    private static Outcome learn(String name, List<Window> windows, int measuredAtOnce, boolean fused) {
        LoraSpec spec = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);
        try (TensorScope scope = TensorScope.open("test")) {
            AdaptedModel model = AdaptedModel.of(scope, Golden.directory(name), spec, ElementType.F32);
            AdapterParameters adapter = model.adapter();
            Optional<String> obstacle = FusedModel.obstacle(model.base(), adapter, 0);
            assumeTrue(!fused || obstacle.isEmpty(), "gradients by hand are not for this");
            GradientMethod method = fused
                    ? new FusedGradients(model.fused(), ActivationPolicy.KEEP)
                    : new RecordedGradients(adapter.applyTo(model.base(), 0), ActivationPolicy.KEEP);
            Batch batch = Batch.of(scope, windows);
            StepLosses losses = new StepLosses(scope);
            method.collect(batch, batch.learned().size(), 7, losses);
            TokenLoss sums = losses.read();
            TokenLoss measured = new TokenLoss();
            Windows.parts(windows, measuredAtOnce).forEach(part -> method.measure(Batch.of(scope, part), measured));
            Map<String, float[]> gradients = new LinkedHashMap<>();
            adapter.named()
                    .forEach((parameter, tensor) ->
                            gradients.put(parameter, Autograd.gradient(tensor).toFloatArray()));
            return new Outcome(sums, measured, gradients);
        }
    }

    private static List<TokenizedExample> rows() {
        Random random = new Random(17);
        List<TokenizedExample> rows = new ArrayList<>();
        for (int line = 1; line <= 7; line++) {
            int[] tokens = random.ints(5 + random.nextInt(20), 0, VOCABULARY).toArray();
            rows.add(new TokenizedExample(line, tokens, 2, 4));
        }
        return Collections.unmodifiableList(rows);
    }

    /// ‖a - b‖ / ‖b‖
    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            length += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / length);
    }
}
