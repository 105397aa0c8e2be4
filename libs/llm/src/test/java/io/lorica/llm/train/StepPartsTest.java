package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.StepParts;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.AdaptedModel;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class StepPartsTest {

    private static final LoraSpec LORA = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);

    @Test
    void countsTheOperationsOfEveryProductOnceForwardAndOnceBack(@TempDir Path directory) throws IOException {
        // Given
        Path files = TinyModel.qwen2().write(directory);
        try (TensorScope scope = TensorScope.open("test");
                FusedModel model = AdaptedModel.of(scope, files, LORA).fused()) {
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
