package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Random;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedHead;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.GradientPass;
import io.lorica.llm.fused.PassGraphs;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.AdaptedModel;
import io.lorica.llm.testing.Gradients;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class PassGraphsTest {

    private static final LoraSpec LORA = new LoraSpec(8, 8, 0, LoraSpec.ALL_PROJECTIONS, false);
    private static final double WEIGHT = 0.01;
    /// Other kernels for other sizes, each with bfloat16's rounding.
    private static final double BRAIN_FLOAT = 2e-2;

    @TempDir
    Path directory;

    private record Collected(float[] losses, List<float[]> gradients) {}

    private interface Way {
        FusedHead.Measured collect(TensorScope scope, Batch batch);
    }

    @BeforeEach
    void onlyOnGpus() {
        assumeTrue(PassGraphs.available(), "there is no GPU with kernels of our own");
    }

    @ParameterizedTest
    @EnumSource(names = {"KEEP", "RECOMPUTE"})
    void graphsCollectWhatLaunchedPassesDo(ActivationPolicy policy) throws IOException {
        try (TensorScope scope = TensorScope.open("test")) {
            AdaptedModel adapted = model(scope);
            try (FusedModel model = adapted.fused()) {
                GradientPass pass = new GradientPass(model, policy);
                try (PassGraphs graphs = PassGraphs.of(pass).orElseThrow()) {
                    // Several of one shape, others in between, and one met again
                    for (int length : List.of(200, 210, 90, 400, 201, 200)) {
                        // Given
                        List<TokenizedExample> rows = List.of(row(1, length), row(2, length / 3));
                        Collected launched = collect(
                                adapted,
                                rows,
                                (to, batch) -> pass.collect(to, batch.forPass(), WEIGHT, EmbeddingNoise.NONE));

                        // When
                        Collected graphed = collect(
                                adapted,
                                rows,
                                (to, batch) -> graphs.collect(to, batch.forPass(), WEIGHT)
                                        .orElseThrow());

                        // Then
                        assertThat(mean(graphed.losses())).isCloseTo(mean(launched.losses()), within(0.01));
                        assertThat(Gradients.distance(graphed.gradients(), launched.gradients()))
                                .isLessThan(BRAIN_FLOAT);
                    }
                }
            }
        }
    }

    @Test
    void areTheSameBitsWhateverWasCapturedBefore() throws IOException {
        try (TensorScope scope = TensorScope.open("test")) {
            AdaptedModel adapted = model(scope);
            try (FusedModel model = adapted.fused()) {
                GradientPass pass = new GradientPass(model, ActivationPolicy.KEEP);
                List<TokenizedExample> rows = List.of(row(1, 300), row(2, 120));

                // When
                Collected alone;
                try (PassGraphs graphs = PassGraphs.of(pass).orElseThrow()) {
                    alone = collect(
                            adapted,
                            rows,
                            (to, batch) ->
                                    graphs.collect(to, batch.forPass(), WEIGHT).orElseThrow());
                }
                try (PassGraphs graphs = PassGraphs.of(pass).orElseThrow()) {
                    Way way = (to, batch) ->
                            graphs.collect(to, batch.forPass(), WEIGHT).orElseThrow();
                    collect(adapted, List.of(row(3, 700)), way);
                    Collected after = collect(adapted, rows, way);

                    // Then
                    assertThat(after.losses()).containsExactly(alone.losses());
                    for (int i = 0; i < alone.gradients().size(); i++) {
                        assertThat(after.gradients().get(i))
                                .containsExactly(alone.gradients().get(i));
                    }
                }
            }
        }
    }

    @Test
    void leaveLongBatchesToTheHost() throws IOException {
        try (TensorScope scope = TensorScope.open("test")) {
            AdaptedModel adapted = model(scope);
            try (FusedModel model = adapted.fused();
                    PassGraphs graphs = PassGraphs.of(new GradientPass(model, ActivationPolicy.KEEP))
                            .orElseThrow();
                    TensorScope work = scope.child("batch")) {
                int limit = PassGraphs.limit(adapted.base().config());
                Batch batch = Batch.collate(work, List.of(row(1, limit)));
                assertThat(graphs.collect(work, batch.forPass(), WEIGHT)).isEmpty();
            }
        }
    }

    private AdaptedModel model(TensorScope scope) throws IOException {
        TinyModel tiny = new TinyModel("Qwen2ForCausalLM", 256, 3, 4, 2, true, false);
        return AdaptedModel.of(scope, tiny.write(directory), LORA);
    }

    private static Collected collect(AdaptedModel model, List<TokenizedExample> rows, Way way) {
        Collection<Tensor> parameters = model.adapter().named().values();
        parameters.forEach(Autograd::clear);
        int tensors = model.scope().tensorCount();
        float[] losses;
        try (TensorScope work = model.scope().child("batch")) {
            losses = way.collect(work, Batch.collate(work, rows)).losses().toFloatArray();
        }
        assertThat(model.scope().tensorCount()).isEqualTo(tensors);
        return new Collected(
                losses,
                parameters.stream()
                        .map(parameter -> Autograd.gradient(parameter).toFloatArray())
                        .toList());
    }

    private static TokenizedExample row(int number, int length) {
        return new TokenizedExample(
                number, new Random(number).ints(length, 0, 500).toArray(), 1, 1);
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
