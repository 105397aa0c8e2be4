package io.lorica.llm.lora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class FreshAdapterTest {

    // float32: what a start takes out of a weight and puts beside it comes back in another order of sums
    private static final double ROUNDING = 1e-4;
    private static final long[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

    @TempDir
    private Path directory;

    private ModelDirectory model;

    @BeforeEach
    void writeModel() throws IOException {
        model = new ModelDirectory(TinyModel.qwen2().write(directory));
    }

    static List<LoraSpec> kinds() {
        return Adapters.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyNewAdapterLeavesTheModelAsItWas(LoraSpec spec) {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, model);
            float[] expected = logits(scope, base);

            // When
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);

            // Then
            float[] actual = logits(scope, adapter.applyTo(base, 0));
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) actual[i]).isCloseTo(expected[i], within(ROUNDING));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void equalSeedsGiveEqualAdapters(LoraSpec spec) {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            AdapterParameters first = FreshAdapter.create(scope, ModelLoader.load(scope, model), spec, 5);

            // When
            Map<String, Tensor> second = FreshAdapter.create(scope, ModelLoader.load(scope, model), spec, 5)
                    .named();

            // Then
            first.named()
                    .forEach((name, tensor) ->
                            assertThat(second.get(name).toFloatArray()).isEqualTo(tensor.toFloatArray()));
        }
    }

    @Test
    void gaussianStartHasTheDeviationOfOneOverTheRank() {
        // Given
        LoraSpec spec =
                Adapters.spec(false, Adapters.options(false, LoraBias.NONE, List.of(), AdapterStart.Method.GAUSSIAN));
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, model);

            // When
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);

            // Then: some 2500 draws, so within a few percent
            double[] squares = adapter.pairs().stream()
                    .flatMapToDouble(pair -> {
                        float[] values = pair.a().toFloatArray();
                        return IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]);
                    })
                    .toArray();
            double deviation = Math.sqrt(IntStream.range(0, squares.length)
                    .mapToDouble(i -> squares[i])
                    .average()
                    .orElseThrow());
            assertThat(deviation).isCloseTo(0.25, within(0.02));
        }
    }

    @Test
    void approximatedSingularVectorsComeCloseToTheExact() {
        // Given
        try (TensorScope scope = TensorScope.open("test")) {
            List<LoraPair> exact = principal(scope, null).pairs();

            // When
            List<LoraPair> approximated = principal(scope, 16).pairs();

            // Then: no rank holds more of a matrix than its greatest singular values; neighbours may be mixed up
            for (int i = 0; i < exact.size(); i++) {
                double share = length(approximated.get(i)) / length(exact.get(i));
                assertThat(share).isBetween(0.98, 1.0001);
            }
        }
    }

    @Test
    void refusesSingularVectorsBeyondTheMatrix() {
        // Given
        LoraSpec spec = new LoraSpec(
                64,
                64,
                0,
                List.of("k_proj"),
                false,
                Adapters.options(false, LoraBias.NONE, List.of(), AdapterStart.Method.PISSA));
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, model);

            // When // Then
            assertThatThrownBy(() -> FreshAdapter.create(scope, base, spec, 5))
                    .hasMessageContaining("rank of at most 16 at model.layers.0.self_attn.k_proj, not 64");
        }
    }

    private AdapterParameters principal(TensorScope scope, Integer rounds) {
        LoraOptions options = new LoraOptions(
                false,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                null,
                LoraBias.NONE,
                List.of(),
                new AdapterStart(AdapterStart.Method.PISSA, rounds));
        return FreshAdapter.create(scope, ModelLoader.load(scope, model), Adapters.spec(false, options), 5);
    }

    private static double length(LoraPair pair) {
        float[] product = pair.b().matMul(pair.a()).toFloatArray();
        return Math.sqrt(IntStream.range(0, product.length)
                .mapToDouble(i -> product[i] * product[i])
                .sum());
    }

    private static float[] logits(TensorScope scope, CausalLm model) {
        Tensor hidden = model.hiddenStates(scope.longs(TOKENS, 1, TOKENS.length));
        return model.logits(hidden.reshape(TOKENS.length, -1)).toFloatArray();
    }
}
