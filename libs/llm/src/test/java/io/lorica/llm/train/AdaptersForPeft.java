package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Trains one adapter of each kind and writes it with the logits it gives, for `tools/golden/check_peft_reads_ours.py`
/// to read with peft. Runs only when it is told where to write.
@EnabledIfSystemProperty(named = AdaptersForPeft.TARGET, matches = ".+")
class AdaptersForPeft {

    static final String TARGET = "lorica.adapters-for-peft";

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Kind(String name, String base, LoraSpec spec) {}

    static List<Kind> kinds() {
        return List.of(
                kind("plain", "qwen2", false, false, LoraBias.NONE, List.of(), AdapterStart.Method.KAIMING),
                kind("gaussian", "llama", false, false, LoraBias.NONE, List.of(), AdapterStart.Method.GAUSSIAN),
                kind("rslora", "llama", true, false, LoraBias.NONE, List.of(), AdapterStart.Method.KAIMING),
                kind("dora", "qwen2", false, true, LoraBias.NONE, List.of(), AdapterStart.Method.KAIMING),
                kind("pissa", "qwen2", false, false, LoraBias.NONE, List.of(), AdapterStart.Method.PISSA),
                kind("pissa-rslora", "llama", true, false, LoraBias.NONE, List.of(), AdapterStart.Method.PISSA),
                kind("pissa-dora", "qwen2", false, true, LoraBias.NONE, List.of(), AdapterStart.Method.PISSA),
                kind("bias-all", "llama-linear", false, false, LoraBias.ALL, List.of(), AdapterStart.Method.KAIMING),
                kind(
                        "bias-lora-only",
                        "qwen2",
                        false,
                        true,
                        LoraBias.LORA_ONLY,
                        List.of(),
                        AdapterStart.Method.KAIMING),
                kind(
                        "modules",
                        "qwen2-yarn",
                        false,
                        false,
                        LoraBias.NONE,
                        List.of("lm_head", "embed_tokens", "norm"),
                        AdapterStart.Method.KAIMING),
                kind(
                        "modules-tied",
                        "qwen3",
                        false,
                        false,
                        LoraBias.NONE,
                        List.of("lm_head"),
                        AdapterStart.Method.KAIMING),
                new Kind(
                        "expression-and-layers",
                        "qwen2",
                        new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false, layers())));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void writes(Kind kind) throws IOException {
        Path target = Path.of(System.getProperty(TARGET)).resolve(kind.name());
        JsonNode golden = GoldenTrajectoryTest.golden(kind.base());
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, new ModelDirectory(Golden.directory(kind.base())));
            AdapterParameters adapter = FreshAdapter.create(scope, base, kind.spec(), 7);
            GoldenTrajectoryTest.train(scope, golden, base, adapter);
            AdapterFiles.write(target, adapter, kind.spec(), kind.base());

            int[] tokens = GoldenTrajectoryTest.rows(golden).getFirst().tokens();
            CausalLm trained = adapter.applyTo(base, 0);
            Tensor hidden = trained.hiddenStates(GoldenTrajectoryTest.longs(scope, tokens));
            float[] logits = trained.logits(hidden.reshape(tokens.length, -1)).toFloatArray();
            List<Float> values = new ArrayList<>();
            for (float logit : logits) {
                values.add(logit);
            }
            Files.writeString(
                    target.resolve("ours.json"),
                    JSON.writeValueAsString(Map.of("base", kind.base(), "tokens", tokens, "logits", values)));
        }
    }

    private static LoraOptions layers() {
        return new LoraOptions(false, ".*\\.(q_proj|up_proj)", List.of(1), Map.of(), Map.of(), null);
    }

    private static Kind kind(
            String name,
            String base,
            boolean stabilized,
            boolean dora,
            LoraBias bias,
            List<String> whole,
            AdapterStart.Method start) {
        return new Kind(name, base, Adapters.spec(stabilized, Adapters.options(dora, bias, whole, start)));
    }
}
