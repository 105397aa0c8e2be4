package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Random;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.AdaptedModel;
import io.lorica.llm.testing.TinyModel;
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
        Path files = tiny.write(directory);
        try (TensorScope scope = TensorScope.open("test")) {
            AdaptedModel model = AdaptedModel.of(scope, files, LORA);
            try (GradientMethod method = new FusedGradients(model.fused(), ActivationPolicy.RECOMPUTE)) {
                // When
                List<float[]> first = gradients(model, method, shorter);

                // Then
                for (int again = 0; again < 2; again++) {
                    List<float[]> next = gradients(model, method, shorter);
                    for (int i = 0; i < first.size(); i++) {
                        assertThat(next.get(i)).containsExactly(first.get(i));
                    }
                }
            }
        }
    }

    private static List<float[]> gradients(AdaptedModel model, GradientMethod method, int shorter) {
        Collection<Tensor> parameters = model.adapter().named().values();
        parameters.forEach(Autograd::clear);
        Random random = new Random(5);
        List<TokenizedExample> rows = List.of(row(random, 1, length()), row(random, 2, length() - shorter));
        try (TensorScope work = model.scope().child("batch");
                StepLosses losses = new StepLosses(work)) {
            method.collect(Batch.collate(work, rows), 2.0 * length(), 7, losses);
        }
        return parameters.stream()
                .map(parameter -> Autograd.gradient(parameter).toFloatArray())
                .toList();
    }

    private static TokenizedExample row(Random random, int number, int length) {
        return new TokenizedExample(number, random.ints(length, 0, 500).toArray(), 1, 1);
    }

    private static int length() {
        return TensorDevice.current().gpu() ? 2048 : 48;
    }
}
