package io.lorica.llm.testing;

import java.util.List;
import java.util.Map;
import java.util.Random;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// Every kind of adapter, and adapters as training leaves them.
public final class Adapters {

    private static final double CHANGE = 0.1;

    private Adapters() {}

    /// One specification of each kind.
    public static List<LoraSpec> kinds() {
        return List.of(
                spec(false, options(false, LoraBias.NONE, List.of(), AdapterStart.Method.KAIMING)),
                spec(true, options(false, LoraBias.NONE, List.of(), AdapterStart.Method.GAUSSIAN)),
                spec(false, options(true, LoraBias.NONE, List.of(), AdapterStart.Method.KAIMING)),
                spec(false, options(false, LoraBias.ALL, List.of(), AdapterStart.Method.KAIMING)),
                spec(false, options(true, LoraBias.LORA_ONLY, List.of("norm"), AdapterStart.Method.KAIMING)),
                spec(false, options(false, LoraBias.NONE, List.of("lm_head"), AdapterStart.Method.KAIMING)),
                spec(
                        false,
                        options(false, LoraBias.NONE, List.of("lm_head", "embed_tokens"), AdapterStart.Method.KAIMING)),
                spec(false, options(false, LoraBias.NONE, List.of(), AdapterStart.Method.PISSA)),
                spec(true, options(true, LoraBias.LORA_ONLY, List.of("norm"), AdapterStart.Method.PISSA)));
    }

    /// An adapter of rank 4 at all projections.
    public static LoraSpec spec(boolean stabilized, LoraOptions options) {
        return new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, stabilized, options);
    }

    /// Options without patterns.
    public static LoraOptions options(boolean dora, LoraBias bias, List<String> whole, AdapterStart.Method start) {
        return new LoraOptions(
                dora, null, List.of(), Map.of(), Map.of(), null, bias, whole, new AdapterStart(start, null));
    }

    /// Moves every tensor a little in a random direction, as training does.
    public static void disturb(TensorScope scope, AdapterParameters adapter) {
        Random random = new Random(17);
        for (Tensor tensor : adapter.named().values()) {
            float[] noise = new float[(int) tensor.elements()];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (float) (random.nextGaussian() * CHANGE);
            }
            tensor.addInPlace(scope.floats(noise, tensor.shape()));
        }
    }
}
