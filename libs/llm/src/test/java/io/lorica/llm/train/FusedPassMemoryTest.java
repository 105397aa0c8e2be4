package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.FusedPass;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.AdaptedModel;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class FusedPassMemoryTest {

    private static final LoraSpec LORA = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);
    private static final List<TokenizedExample> ROWS = List.of(
            new TokenizedExample(1, new int[] {5, 9, 2, 7, 31, 8, 25}, 2, 5),
            new TokenizedExample(2, new int[] {40, 41, 42, 26}, 1, 2));

    @TempDir
    Path directory;

    /// How many tensors live on the way: before the pass, when it has gone forward, and when it has gone
    /// back.
    private record Tensors(int before, int forward, int back) {}

    @ParameterizedTest
    @EnumSource(names = {"RECOMPUTE", "OFFLOAD"})
    void oneTensorALayerIsHeldUntilTheWayBackAndNoneAfterIt(ActivationPolicy policy) throws IOException {
        // When
        Tensors few = ofAPass(2, policy);
        Tensors many = ofAPass(6, policy);

        // Then: its input, whose size grows with the length of the sequences; a GPU's wait in pinned memory of the
        // host, which is none of libtorch's tensors
        boolean pinned = TensorDevice.current().gpu() && Cuda.available();
        int elsewhere = policy == ActivationPolicy.OFFLOAD && pinned ? 4 : 0;
        assertThat(many.forward() - many.before() + elsewhere).isEqualTo(few.forward() - few.before() + 4);
        assertThat(many.back() - many.before()).isEqualTo(few.back() - few.before());
    }

    private Tensors ofAPass(int layers, ActivationPolicy policy) throws IOException {
        TinyModel tiny = new TinyModel("Qwen2ForCausalLM", 32, layers, 4, 2, true, false);
        Path files = tiny.write(directory.resolve("layers-" + layers));
        try (TensorScope scope = TensorScope.open("test");
                FusedModel model = AdaptedModel.of(scope, files, LORA).fused()) {
            Batch batch = Batch.collate(scope, ROWS);
            int before = scope.tensorCount();
            try (FusedPass pass = new FusedPass(model, batch.forPass(), policy, EmbeddingNoise.NONE)) {
                int forward = scope.tensorCount();
                pass.backward(pass.states().mul(0.5));
                return new Tensors(before, forward, scope.tensorCount());
            }
        }
    }
}
