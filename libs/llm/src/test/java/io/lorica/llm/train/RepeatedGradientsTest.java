package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Long enough that a GPU shares a sequence among its processors; on one, `-Dlorica.attention=flash` fails
/// here.
class RepeatedGradientsTest {

    private static final LoraSpec LORA = new LoraSpec(8, 8, 0, LoraSpec.ALL_PROJECTIONS, false);

    /// Of one length, and of two: a GPU may have another attention for each.
    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void areTheSameBitsEveryTime(int shorter, @TempDir Path directory) throws IOException {
        // Given
        TinyModel tiny = new TinyModel("Qwen2ForCausalLM", 256, 2, 4, 2, true, false);
        ModelDirectory files = new ModelDirectory(tiny.write(directory));
        try (TensorScope scope = TensorScope.open("test")) {
            ElementType type = TensorDevice.current().gpu() ? ElementType.BF16 : ElementType.F32;
            LoadPlan plan =
                    LoadPlan.of(type).with(AdapterParameters.room(ModelConfigReader.read(files.config()), LORA));
            CausalLm base = ModelLoader.load(scope, files, plan);
            AdapterParameters adapter = FreshAdapter.create(scope, base, LORA, 3);
            adapter.pairs().forEach(pair -> pair.b().addInPlace(0.02));
            adapter.named().values().forEach(Autograd::parameter);
            try (GradientMethod method =
                    new FusedGradients(FusedModel.of(scope, base, adapter), ActivationPolicy.RECOMPUTE)) {
                // When
                List<float[]> first = gradients(scope, adapter, method, shorter);

                // Then
                for (int again = 0; again < 2; again++) {
                    List<float[]> next = gradients(scope, adapter, method, shorter);
                    for (int i = 0; i < first.size(); i++) {
                        assertThat(next.get(i)).containsExactly(first.get(i));
                    }
                }
            }
        }
    }

    private static List<float[]> gradients(
            TensorScope scope, AdapterParameters adapter, GradientMethod method, int shorter) {
        adapter.named().values().forEach(Autograd::clear);
        Random random = new Random(5);
        List<TokenizedExample> rows = List.of(row(random, 1, length()), row(random, 2, length() - shorter));
        try (TensorScope work = scope.child("batch")) {
            method.collect(Batch.collate(work, rows), 2.0 * length(), 7, new TokenLoss());
        }
        List<float[]> all = new ArrayList<>();
        adapter.named()
                .values()
                .forEach(parameter -> all.add(Autograd.gradient(parameter).toFloatArray()));
        return all;
    }

    private static TokenizedExample row(Random random, int number, int length) {
        return new TokenizedExample(number, random.ints(length, 0, 500).toArray(), 1, 1);
    }

    private static int length() {
        return TensorDevice.current().gpu() ? 2048 : 48;
    }
}
