package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.TrainingPass;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class TrainingPassTest {

    private static final double DROPOUT = 0.3;
    private static final List<TokenizedExample> ROWS = List.of(
            new TokenizedExample(1, new int[] {5, 9, 2, 77, 31, 8, 256}, 2, 5),
            new TokenizedExample(2, new int[] {40, 41, 42, 256}, 1, 2));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"F32", "BF16"})
    void computingLayersOnceMoreChangesNoBitOfAGradient(ElementType type) throws IOException {
        // Given
        Map<String, float[]> kept = gradients(ActivationPolicy.KEEP, type);

        // When
        Map<String, float[]> recomputed = gradients(ActivationPolicy.RECOMPUTE, type);
        Map<String, float[]> offloaded = gradients(ActivationPolicy.OFFLOAD, type);

        // Then
        kept.forEach((name, gradient) -> {
            assertThat(gradient).as(name).isNotEqualTo(new float[gradient.length]);
            assertThat(recomputed.get(name)).as(name).isEqualTo(gradient);
            assertThat(offloaded.get(name)).as(name).isEqualTo(gradient);
        });
    }

    @Test
    void holdsOneTensorALayerWhenItComputesOnceMore() throws IOException {
        assertThat(tensorsOfAPass(6) - tensorsOfAPass(2)).isEqualTo(4);
    }

    private int tensorsOfAPass(int layers) throws IOException {
        TinyModel tiny = new TinyModel("Qwen2ForCausalLM", 32, layers, 4, 2, true, false);
        Path files = tiny.write(directory.resolve("layers-" + layers));
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, new ModelDirectory(files));
            Batch batch = Batch.collate(scope, ROWS);
            int before = scope.tensorCount();
            try (TrainingPass pass = pass(model, batch, ActivationPolicy.RECOMPUTE)) {
                assertThat(pass.hidden().shape()).containsExactly(2, 7, 32);
                return scope.tensorCount() - before;
            }
        }
    }

    private Map<String, float[]> gradients(ActivationPolicy policy, ElementType type) throws IOException {
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = model(scope, type);
            LoraSpec spec = new LoraSpec(4, 8, DROPOUT, LoraSpec.ALL_PROJECTIONS, false);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 3);
            // B begins at 0, which would leave A without gradients.
            adapter.pairs().forEach(pair -> Tensors.copyInto(pair.b(), pair.b().addInPlace(0.05)));
            adapter.named().values().forEach(Autograd::parameter);
            Batch batch = Batch.collate(scope, ROWS);
            CausalLm model = adapter.applyTo(base, DROPOUT);
            try (TrainingPass pass = pass(model, batch, policy)) {
                CompletionLoss.backward(model, pass, batch, batch.learned().size(), new TokenLoss());
            }
            Map<String, float[]> gradients = new LinkedHashMap<>();
            adapter.named()
                    .forEach((name, parameter) ->
                            gradients.put(name, Autograd.gradient(parameter).toFloatArray()));
            return gradients;
        }
    }

    private CausalLm model(TensorScope scope, ElementType type) throws IOException {
        return ModelLoader.load(scope, new ModelDirectory(TinyModel.qwen2().write(directory)), type);
    }

    private static TrainingPass pass(CausalLm model, Batch batch, ActivationPolicy policy) {
        return new TrainingPass(
                model, batch.tokens(), batch.layout(), policy, layer -> 100L + layer, new EmbeddingNoise(5, 99));
    }
}
