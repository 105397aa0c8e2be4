package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class AdaptersInBrainFloatTest {

    // bfloat16 keeps 8 bits: the bound of the golden gradients. What PiSSA leaves of the weights is rounded too.
    private static final double BRAIN_FLOAT = 2e-2;

    @TempDir
    private Path directory;

    static List<LoraSpec> kinds() {
        return Adapters.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void gradientsInBrainFloatFollowThoseInFloat(LoraSpec spec) throws IOException {
        // Given: weights that bfloat16 holds exactly, so that arithmetic alone is rounded
        ModelDirectory source = new ModelDirectory(TinyModel.qwen2().write(directory, ElementType.BF16));

        // When
        float[] exact = gradients(source, spec, ElementType.F32);
        float[] rounded = gradients(source, spec, ElementType.BF16);

        // Then
        assertThat(GoldenTrajectoryTest.relativeDistance(rounded, exact)).isLessThan(BRAIN_FLOAT);
    }

    /// The gradients of all parameters, float32 whatever the model computes in, one after the other.
    private static float[] gradients(ModelDirectory source, LoraSpec spec, ElementType type) {
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, source, type);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec, 5);
            adapter.named().values().forEach(Autograd::parameter);
            GoldenTrajectoryTest.backward(
                    adapter.applyTo(base, 0), batch(scope), ActivationPolicy.RECOMPUTE, new TokenLoss());
            List<Float> all = new ArrayList<>();
            for (Tensor tensor : adapter.named().values()) {
                Tensor gradient = Autograd.gradient(tensor);
                assertThat(gradient.type()).isEqualTo(ElementType.F32);
                for (float value : gradient.toFloatArray()) {
                    all.add(value);
                }
            }
            float[] joined = new float[all.size()];
            for (int i = 0; i < joined.length; i++) {
                joined[i] = all.get(i);
            }
            return joined;
        }
    }

    private static Batch batch(TensorScope scope) {
        Random random = new Random(9);
        List<TokenizedExample> rows = new ArrayList<>();
        for (int row = 0; row < 4; row++) {
            int[] tokens = random.ints(12 + row, 0, TinyModel.VOCABULARY).toArray();
            rows.add(new TokenizedExample(row + 1, tokens, 3, 3));
        }
        return Batch.collate(scope, rows);
    }
}
