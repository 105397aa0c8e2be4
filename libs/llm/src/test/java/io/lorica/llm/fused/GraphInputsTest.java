package io.lorica.llm.fused;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.AdaptedModel;
import io.lorica.llm.testing.Gradients;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class GraphInputsTest {

    private static final LoraSpec LORA = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);
    /// Sums in another order.
    private static final double SINGLE = 2e-5;

    @ParameterizedTest
    @EnumSource(names = {"KEEP", "RECOMPUTE"})
    void fillingChangesNeitherLossesNorGradients(ActivationPolicy policy, @TempDir Path directory) throws IOException {
        try (TensorScope scope = TensorScope.open("test")) {
            // Given
            assumeTrue(FlashAttention.available(ElementType.F32, 8), "a GPU has no flash attention in float32");
            AdaptedModel adapted = AdaptedModel.of(scope, TinyModel.qwen2().write(directory), LORA, ElementType.F32);
            try (FusedModel model = adapted.fused();
                    TensorScope work = scope.child("batches")) {
                GradientPass pass = new GradientPass(model, policy);
                GraphInputs inputs = GraphInputs.empty(work, GraphShape.holding(7, 5, 2), 8);
                // What was there before must not stay.
                inputs.take(model, batch(work, 9, 3), 0.25);
                for (int length : List.of(4, 3)) {
                    PassBatch batch = batch(work, length, 3);
                    adapted.adapter().named().values().forEach(Autograd::clear);
                    float[] losses = pass.collect(work, batch, 0.125, EmbeddingNoise.NONE)
                            .losses()
                            .toFloatArray();
                    List<float[]> gradients = gradients(adapted);
                    adapted.adapter().named().values().forEach(Autograd::clear);

                    // When
                    inputs.take(model, batch, 0.125);
                    float[] filled = pass.collect(work, asSequences(work, inputs), inputs.targets(), inputs.weights())
                            .losses()
                            .toFloatArray();

                    // Then
                    for (int i = 0; i < losses.length; i++) {
                        assertThat((double) filled[i]).isCloseTo(losses[i], within(losses[i] * SINGLE));
                    }
                    assertThat(Gradients.distance(gradients(adapted), gradients))
                            .isLessThan(SINGLE);
                }
            }
        }
    }

    /// What a processor takes: it wants to know the lengths.
    private static PassInputs asSequences(TensorScope work, GraphInputs inputs) {
        long[] ends = inputs.boundaries().toLongArray();
        List<Integer> lengths = IntStream.range(1, ends.length)
                .mapToObj(i -> (int) (ends[i] - ends[i - 1]))
                .filter(length -> length > 0)
                .toList();
        return new PassInputs(
                inputs.tokens(),
                lengths,
                inputs.angles(),
                inputs.places(),
                window -> new FlashAttention(work, lengths, window, ElementType.F32, 8));
    }

    /// Two sequences, of which the second is padded where it is the shorter one.
    private static PassBatch batch(TensorScope work, int first, int second) {
        int width = Math.max(first, second);
        long[] tokens = new long[2 * width];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = 17 * i % 400 + 3;
        }
        Tensor positions = work.longs(new long[] {1, 2, width, width + 1}, 4);
        return new PassBatch(
                work.longs(tokens, 2, width),
                new SequenceLayout(
                        2,
                        width,
                        List.of(new SequenceLayout.Sequence(0, 0, first), new SequenceLayout.Sequence(1, 0, second))),
                positions,
                work.longs(new long[] {8, 9, 10, 11}, 4));
    }

    private static List<float[]> gradients(AdaptedModel model) {
        return model.adapter().named().values().stream()
                .map(parameter -> Autograd.gradient(parameter).toFloatArray())
                .toList();
    }
}
