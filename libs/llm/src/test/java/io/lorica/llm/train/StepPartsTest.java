package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.StepParts;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class StepPartsTest {

    private static final LoraSpec LORA = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);

    @Test
    void countsTheOperationsOfEveryProductOnceForwardAndOnceBack(@TempDir Path directory) throws IOException {
        // Given
        ModelDirectory files = new ModelDirectory(TinyModel.qwen2().write(directory));
        try (TensorScope scope = TensorScope.open("test")) {
            LoadPlan plan =
                    LoadPlan.of(type()).with(AdapterParameters.room(ModelConfigReader.read(files.config()), LORA));
            CausalLm base = ModelLoader.load(scope, files, plan);
            AdapterParameters adapter = FreshAdapter.create(scope, base, LORA, 3);
            adapter.named().values().forEach(Autograd::parameter);
            try (FusedModel model = FusedModel.of(scope, base, adapter)) {
                int before = scope.tensorCount();

                // When
                List<StepParts.Part> parts = StepParts.measure(scope, model, 2, 8, 1e-5);

                // Then: hidden 32, inner 96, 4 + 2 + 2 heads of 8, 16 tokens, 2 layers
                double matrices = 32 * (4 + 2 + 2) * 8 + 32 * 32 + 2 * 32 * 96 + 96 * 32;
                double forward = parts.stream()
                        .filter(part -> List.of("query, key and value", "output", "gate and up", "down")
                                .contains(part.name()))
                        .mapToDouble(part -> part.calls() * part.operations())
                        .sum();
                assertThat(forward).isCloseTo(2 * 2 * 16 * matrices, within(1.0));
                assertThat(parts).allSatisfy(part -> {
                    assertThat(part.seconds()).as(part.name()).isPositive();
                    assertThat(part.bytes()).as(part.name()).isPositive();
                });
                assertThat(scope.tensorCount()).isEqualTo(before);
            }
        }
    }

    /// A GPU has gradients by hand in 16 bits only.
    private static ElementType type() {
        return TensorDevice.current().gpu() ? ElementType.BF16 : ElementType.F32;
    }
}
